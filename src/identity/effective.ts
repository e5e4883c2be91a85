import { EVERYWHERE, type Grant, type GrantedRole, type Role } from '#domain/grant.ts';
import { ROLE_ACTIONS } from '#domain/role.ts';

/** What a key was made for: some roles in one tenant, or everywhere. */
export interface KeyScope {
  readonly tenant: Grant['tenant'];
  readonly roles: readonly Role[];
}

/** The narrower of two places; undefined when they have nothing in common. */
function meet(a: Grant['tenant'], b: Grant['tenant']): Grant['tenant'] | undefined {
  if (a === EVERYWHERE) return b;
  return b === EVERYWHERE || a === b ? a : undefined;
}

function within(small: GrantedRole, large: GrantedRole): boolean {
  return ROLE_ACTIONS[small].every((action) => ROLE_ACTIONS[large].includes(action));
}

/**
 * What `grants` come to where no more than `bound` counts: for each pair the narrower place, and the smaller role when one
 * contains the other. Never more than either side allows.
 */
export function cutDown(grants: readonly Grant[], bound: readonly Grant[]): readonly Grant[] {
  const found = new Map<string, Grant>();
  for (const mine of grants) {
    for (const limit of bound) {
      const tenant = meet(mine.tenant, limit.tenant);
      if (tenant === undefined) continue;
      const role = within(limit.role, mine.role) ? limit.role : within(mine.role, limit.role) ? mine.role : undefined;
      if (role !== undefined) found.set(`${role}@${tenant}`, { role, tenant });
    }
  }
  return [...found.values()];
}

/** What a key gives its holder at this moment. */
export function keyGrants(grants: readonly Grant[], scope: KeyScope): readonly Grant[] {
  return cutDown(
    grants,
    scope.roles.map((role) => ({ role, tenant: scope.tenant })),
  );
}
