import { digestOf } from '#kernel/digest.ts';
import { ACTIONS } from '#domain/action.ts';
import type { Obligation, PolicyDecision, PolicyInput } from '#domain/policy-decision.ts';
import type { Reason } from '#domain/reason.ts';
import { allowListRules, licenceRule } from './allow-lists.ts';
import { boundaryRules } from './boundaries.ts';
import { changeRules } from './changes.ts';
import type { PolicyEngine } from './ports.ts';
import type { Rule } from './rule.ts';

/** The rules in the order in which their reasons are told. */
export const BUILTIN_RULES: readonly Rule[] = [...boundaryRules, ...allowListRules, licenceRule, ...changeRules];

const POLICY_DIGEST = digestOf(BUILTIN_RULES.map(({ code, actions, effect }) => ({ code, actions, effect })));

/** A table over tenant data, for machines without OPA. An action that is not enumerated is denied. */
export const builtinPolicy: PolicyEngine = {
  name: 'builtin',
  decide: (input) => Promise.resolve(decideBuiltin(input)),
};

function decideBuiltin(input: PolicyInput): Omit<PolicyDecision, 'id'> {
  const reasons: Reason[] = [];
  const obligations: Obligation[] = [];
  if (!ACTIONS.includes(input.action.name)) reasons.push(unknownAction(input));
  for (const rule of BUILTIN_RULES) {
    if (rule.actions !== 'all' && !rule.actions.includes(input.action.name)) continue;
    const said = rule.check(input);
    if (said === undefined) continue;
    const reason = { code: rule.code, ...said };
    if (rule.effect === 'deny') reasons.push(reason);
    else obligations.push({ kind: 'person', because: reason });
  }
  return { allow: reasons.length === 0, reasons, obligations, engine: 'builtin', policyDigest: POLICY_DIGEST };
}

function unknownAction(input: PolicyInput): Reason {
  return {
    code: 'ACTION_UNKNOWN',
    msg: `no rule knows the action "${input.action.name}"`,
    field: 'action',
    fix: 'use one of the enumerated actions',
  };
}
