import { EVERYWHERE, type Grant, ROLES } from '#domain/grant.ts';
import type { TenantId } from '#domain/ids.ts';
import { IdentityError } from './errors.ts';

/** Which group of an identity provider gives which role where. */
export type GroupMap = ReadonlyMap<string, readonly Grant[]>;

/** Reads `platform=platform-admin`, `team-a=operator@acme`; a group may stand in several. Throws GROUPS_INVALID. */
export function groupMap(rows: readonly string[]): GroupMap {
  const map = new Map<string, Grant[]>();
  for (const row of rows) {
    const [, group = '', name, tenant] = /^(.+)=([a-z-]+)(?:@([a-z0-9-]+|\*))?$/.exec(row) ?? [];
    const role = ROLES.find((known) => known === name);
    const everywhere = tenant === undefined || tenant === EVERYWHERE;
    if (role === undefined || (role === 'platform-admin' && !everywhere)) {
      throw new IdentityError('GROUPS_INVALID', `"${row}" is not GROUP=ROLE@TENANT with one of ${ROLES.join(', ')}`);
    }
    // The cast is true as a question: a grant in a tenant that is not there counts nowhere.
    const grant: Grant = { role, tenant: everywhere ? EVERYWHERE : (tenant as TenantId) };
    map.set(group, [...(map.get(group) ?? []), grant]);
  }
  return map;
}

/** The roles that a person's groups come to; groups that nobody mapped give none. */
export function grantsOfGroups(map: GroupMap, groups: readonly string[]): readonly Grant[] {
  return groups.flatMap((group) => map.get(group) ?? []);
}
