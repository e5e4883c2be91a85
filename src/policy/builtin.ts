import { digestOf } from '#kernel/digest.ts';
import { ACTIONS } from '#domain/action.ts';
import type { Obligation, PolicyDecision, PolicyInput } from '#domain/policy-decision.ts';
import type { Reason } from '#domain/reason.ts';
import { allowListRules, licenceRule } from './allow-lists.ts';
import { boundaryRules, tenantRule } from './boundaries.ts';
import { changeRules } from './changes.ts';
import { factsRule } from './facts.ts';
import type { PolicyEngine } from './ports.ts';
import { accessRules, roleRule } from './roles.ts';
import type { Rule } from './rule.ts';
import { inputFault } from './shape.ts';
import { textFault } from './text-fault.ts';

const actionRule: Rule = {
  code: 'ACTION_UNKNOWN',
  actions: 'all',
  effect: 'deny',
  check: ({ action }) =>
    ACTIONS.includes(action.name)
      ? undefined
      : {
          msg: `no rule knows the action "${action.name}"`,
          field: 'action',
          fix: 'use one of the enumerated actions',
        },
};

/** The rules in the order in which their reasons are told; `policies/maestro/` says the same in Rego. */
export const BUILTIN_RULES: readonly Rule[] = [
  actionRule,
  tenantRule,
  roleRule,
  factsRule,
  ...boundaryRules,
  ...allowListRules,
  licenceRule,
  ...changeRules,
  ...accessRules,
];

const POLICY_DIGEST = digestOf(BUILTIN_RULES.map(({ code, actions, effect }) => ({ code, actions, effect })));

/** A table over tenant data, for machines without OPA. What cannot be read and what is not enumerated is denied. */
export const builtinPolicy: PolicyEngine = {
  name: 'builtin',
  decide: (input) => Promise.resolve(decideBuiltin(input)),
};

function decideBuiltin(input: PolicyInput): Omit<PolicyDecision, 'id'> {
  const fault = textFault(input) ?? inputFault(input);
  const reasons: Reason[] = fault === undefined ? [] : [fault];
  const obligations: Obligation[] = [];
  for (const rule of fault === undefined ? BUILTIN_RULES : []) {
    if (rule.actions !== 'all' && !rule.actions.includes(input.action.name)) continue;
    const said = rule.check(input);
    if (said === undefined) continue;
    const reason = { code: rule.code, ...said };
    if (rule.effect === 'deny') reasons.push(reason);
    else obligations.push({ kind: 'person', because: reason });
  }
  return { allow: reasons.length === 0, reasons, obligations, engine: 'builtin', policyDigest: POLICY_DIGEST };
}
