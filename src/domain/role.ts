import type { ActionName } from './action.ts';
import { EVERYWHERE, type Grant, type GrantedRole } from './grant.ts';

const VIEWER = ['tenant.read', 'repo.read', 'key.create', 'key.revoke'] as const satisfies readonly ActionName[];

const OPERATOR = [
  ...VIEWER,
  'task.submit',
  'task.cancel',
  'task.retry',
  'repo.push',
  'change.comment',
  'model.call',
  'plugin.load',
  'override.request',
  'tenant.stop',
] as const satisfies readonly ActionName[];

const APPROVER = [
  ...VIEWER,
  'change.approve',
  'change.reject',
  'change.comment',
  'override.approve',
  'override.revoke',
] as const satisfies readonly ActionName[];

const TENANT_ADMIN = [
  ...new Set([...OPERATOR, ...APPROVER]),
  'tenant.rules',
  'tenant.resume',
  'repo.add',
  'plugin.install',
  'config.apply',
  'access.read',
  'principal.set',
  'webhook.add',
  'webhook.remove',
  'webhook.test',
] as const satisfies readonly ActionName[];

/** Who may do what: `policies/maestro/roles.rego` holds the same table. Viewers make and revoke keys of their own only. */
export const ROLE_ACTIONS: { readonly [role in GrantedRole]: readonly ActionName[] } = Object.freeze({
  viewer: VIEWER,
  operator: OPERATOR,
  approver: APPROVER,
  'tenant-admin': TENANT_ADMIN,
  'platform-admin': [
    ...TENANT_ADMIN,
    'tenant.create',
    'tenant.update',
    'tenant.erase',
    'budget.topup',
    'platform.read',
    'principal.disable',
    'worker.set',
    'plugin.trust',
    'secret.rotate',
    'audit.prune',
  ],
  conductor: [
    'environment.build',
    'run.start',
    'run.command',
    'model.call',
    'plugin.install',
    'plugin.load',
    'change.push',
    'change.propose',
    'change.land',
  ],
});

/** What a holder of these grants may do in a tenant, whatever else policy says. */
export function mayIn(grants: readonly Grant[], tenant: string, action: ActionName): boolean {
  return grantsIn(grants, tenant).some(({ role }) => ROLE_ACTIONS[role].includes(action));
}

/** The grants that count in a tenant. */
export function grantsIn(grants: readonly Grant[], tenant: string): readonly Grant[] {
  return grants.filter((grant) => grant.tenant === EVERYWHERE || grant.tenant === tenant);
}
