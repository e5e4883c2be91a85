import { ACTIONS } from '#domain/action.ts';
import type { PolicyInput } from '#domain/policy-decision.ts';
import { type Grant, ROLES } from '#domain/grant.ts';
import { grantsIn, mayIn, ROLE_ACTIONS } from '#domain/role.ts';
import { listAttribute, listed, type Rule, textAttribute } from './rule.ts';

/** Grants of the principal that count where the resource is; decisions on record from before there were any have none. */
function held({ action }: PolicyInput): readonly Grant[] {
  const grants: readonly Grant[] | undefined = action.principal.grants;
  return grantsIn(grants ?? [], action.resource.tenant).filter(({ role }) => Object.hasOwn(ROLE_ACTIONS, role));
}

const holds = (input: PolicyInput, role: string): boolean => held(input).some((grant) => grant.role === role);

/** Nobody does anything without a role that may. */
export const roleRule: Rule = {
  code: 'ROLE_MISSING',
  actions: ACTIONS,
  effect: 'deny',
  check: (input) => {
    const { name, principal, resource } = input.action;
    if (mayIn(held(input), resource.tenant, name)) return undefined;
    const roles = ROLES.filter((role) => ROLE_ACTIONS[role].includes(name));
    return {
      msg: `${principal.id} has no role in tenant ${resource.tenant} that may ${name}`,
      field: 'principal.grants',
      fix: `have an admin give one of these roles: ${listed(roles, 'none, the conductor alone does this')}`,
    };
  },
};

/** What is asked of those who give power to others: roles, keys, and folders of the server's own disk. */
export const accessRules: readonly Rule[] = [
  {
    code: 'ROLE_TOO_WIDE',
    actions: ['principal.set', 'key.create'],
    effect: 'deny',
    check: (input) => {
      const { principal, resource } = input.action;
      const wide = listAttribute(input, 'roles').filter((role) => !covers(input, role));
      if (wide.length === 0) return undefined;
      return {
        msg: `${principal.id} cannot give ${wide.join(', ')} in tenant ${resource.tenant}: it holds less there`,
        field: 'resource.attributes.roles',
        fix: 'give a role that you hold there yourself, or ask a platform admin',
      };
    },
  },
  {
    code: 'KEY_NOT_OWN',
    actions: ['key.create', 'key.revoke'],
    effect: 'deny',
    check: (input) => {
      const { principal } = input.action;
      const owner = textAttribute(input, 'for');
      if (owner === undefined || owner === principal.id || holds(input, 'platform-admin')) return undefined;
      if (!owner.startsWith('human:') && holds(input, 'tenant-admin')) return undefined;
      return {
        msg: `${principal.id} has no say over keys that act as ${owner}`,
        field: 'resource.attributes.for',
        fix: `have ${owner} or a platform admin do it`,
      };
    },
  },
  {
    code: 'ORIGIN_NOT_REMOTE',
    actions: ['repo.add'],
    effect: 'deny',
    check: (input) => {
      const origin = textAttribute(input, 'origin') ?? '';
      const remote = ['https://', 'ssh://', 'git@'].some((prefix) => origin.startsWith(prefix));
      if (remote || holds(input, 'platform-admin')) return undefined;
      return {
        msg: 'only a platform admin takes repositories in from the disk of the server',
        field: 'resource.attributes.origin',
        fix: 'give an https:// or ssh:// address, or ask a platform admin',
      };
    },
  },
  {
    code: 'ORIGIN_NOT_PUBLIC',
    actions: ['repo.add'],
    effect: 'deny',
    check: (input) => {
      if (textAttribute(input, 'reach') !== 'private' || holds(input, 'platform-admin')) return undefined;
      const host = textAttribute(input, 'host') ?? '';
      return {
        msg: `${host} is not a public address, and only a platform admin takes repositories in from there`,
        field: 'resource.attributes.origin',
        fix: 'give a public address, have the host added to repo.hosts, or ask a platform admin',
      };
    },
  },
];

function covers(input: PolicyInput, role: string): boolean {
  const given = ROLES.find((known) => known === role);
  if (given === undefined) return false;
  return ROLE_ACTIONS[given].every((action) => mayIn(held(input), input.action.resource.tenant, action));
}
