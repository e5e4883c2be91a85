import { findTenant } from '#adapters/sql/index.ts';
import type { GitHttpOptions } from '#adapters/git/index.ts';
import type { TenantId } from '#domain/ids.ts';
import { grantsIn } from '#domain/role.ts';
import type { House } from '../house.ts';
import { Refusal } from '../perform.ts';
import { person } from '../governance/principals.ts';
import { callerOfKey, sameText } from './caller.ts';
import { look } from './look.ts';

const NOT_YOURS = { kind: 'denied', why: 'you have no role in this tenant, or there is none' } as const;

/** Who may clone and push: the account of this machine by the token of the data directory, others by an API key as the password. */
export function gitAccess(house: House): GitHttpOptions['authorise'] {
  return async ({ repo, write, token }) => {
    if (token === undefined) return { kind: 'unknown' };
    if (sameText(token, house.gitToken)) return { kind: 'granted', by: person(house.user).id };
    const caller = await callerOfKey(house, token);
    if (caller === undefined) return { kind: 'unknown' };
    const { principal } = caller;
    // The cast is true: a repository's id begins with its tenant's.
    const tenant = await findTenant(house.store.truth, repo.split('/', 1)[0] as TenantId);
    if (tenant === undefined || grantsIn(principal.grants, tenant.id).length === 0) return NOT_YOURS;
    const resource = { kind: 'repository', id: repo, attributes: {} };
    try {
      await look(house, { name: write ? 'repo.push' : 'repo.read', principal, tenant, resource });
      return { kind: 'granted', by: principal.id };
    } catch (error) {
      if (error instanceof Refusal) return { kind: 'denied', why: error.message };
      throw error;
    }
  };
}
