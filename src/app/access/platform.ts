import { EVERYWHERE } from '#domain/grant.ts';
import type { TenantId } from '#domain/ids.ts';
import type { Tenant } from '#domain/tenant.ts';
import type { House } from '../house.ts';
import { getTenant } from '../tenants/tenants.ts';

/** The installation as a resource: what belongs to no tenant is decided and recorded under `*`. */
export function platform(house: Pick<House, 'tenantDefaults'>): Tenant {
  // The cast is true: no tenant can be called so, and decisions about the installation stand under this name.
  const id = EVERYWHERE as TenantId;
  return { ...house.tenantDefaults, id, ordinal: 0, regions: [EVERYWHERE], dataClass: 'public', policy: {} };
}

/** A tenant by its id, or the installation by `*`. Throws NO_SUCH_TENANT. */
export async function tenantOrPlatform(house: House, id: string): Promise<Tenant> {
  return id === EVERYWHERE ? platform(house) : getTenant(house, id);
}
