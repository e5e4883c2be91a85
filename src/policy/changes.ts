import { pathGlobs } from '#domain/path-glob.ts';
import type { PolicyInput } from '#domain/policy-decision.ts';
import { listAttribute, type Rule, textAttribute } from './rule.ts';

function matching(paths: readonly string[], globs: readonly string[]): readonly string[] {
  const fits = pathGlobs(globs);
  return paths.filter((path) => fits(path) !== undefined);
}

const named = (paths: readonly string[]): string =>
  paths.length <= 3 ? paths.join(', ') : `${paths.slice(0, 3).join(', ')} and ${paths.length - 3} more`;

function lacksHuman(input: PolicyInput): boolean {
  return input.action.principal.kind !== 'human';
}

/** What may be done with a change, from its paths, its author and the tenant's autonomy. */
export const changeRules: readonly Rule[] = [
  {
    code: 'PATH_DENIED',
    actions: ['change.push', 'change.land'],
    effect: 'deny',
    check: (input) => {
      const hit = matching(listAttribute(input, 'paths'), input.tenant.policy.deniedPaths ?? []);
      if (hit.length === 0) return undefined;
      return {
        msg: `the change touches ${named(hit)}, which no task of tenant ${input.tenant.id} may touch`,
        field: 'resource.attributes.paths',
        fix: 'submit a task that leaves these paths alone, or have a tenant admin change deniedPaths',
      };
    },
  },
  {
    code: 'PATH_PROTECTED',
    actions: ['change.land'],
    effect: 'person',
    check: (input) => {
      const own = matching(listAttribute(input, 'paths'), input.tenant.policy.protectedPaths ?? []);
      if (own.length === 0) return undefined;
      return {
        msg: `the change touches protected paths: ${named(own)}`,
        field: 'resource.attributes.paths',
        fix: 'look at the change and approve or reject it',
      };
    },
  },
  {
    code: 'AUTONOMY_OBSERVE',
    actions: ['change.push'],
    effect: 'deny',
    check: (input) =>
      input.tenant.policy.autonomy === 'observe'
        ? {
            msg: `tenant ${input.tenant.id} only observes: no change is proposed`,
            field: 'tenant.policy.autonomy',
            fix: 'have a tenant admin raise autonomy to "propose"',
          }
        : undefined,
  },
  {
    code: 'AUTONOMY_PROPOSE',
    actions: ['change.land'],
    effect: 'person',
    check: (input) =>
      input.tenant.policy.autonomy === 'propose'
        ? {
            msg: `tenant ${input.tenant.id} has each change approved by a person`,
            field: 'tenant.policy.autonomy',
            fix: 'look at the change and approve or reject it',
          }
        : undefined,
  },
  {
    code: 'APPROVER_NOT_HUMAN',
    actions: ['change.approve', 'override.approve'],
    effect: 'deny',
    check: (input) =>
      lacksHuman(input)
        ? {
            msg: `${input.action.principal.id} is not a person, and only people approve`,
            field: 'principal.kind',
            fix: 'have a human principal approve',
          }
        : undefined,
  },
  {
    code: 'APPROVER_IS_AUTHOR',
    actions: ['change.approve', 'override.approve'],
    effect: 'deny',
    check: (input) =>
      textAttribute(input, 'author') === input.action.principal.id
        ? {
            msg: `${input.action.principal.id} wrote this and cannot approve it`,
            field: 'principal.id',
            fix: 'have another person approve',
          }
        : undefined,
  },
];
