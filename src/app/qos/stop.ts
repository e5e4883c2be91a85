import {
  addStopOrder,
  appendEvent,
  deleteStopOrder,
  findStopOrder,
  leaveOutWaits,
  listTenants,
  type StopOrder,
} from '#adapters/sql/index.ts';
import type { Principal } from '#domain/action.ts';
import type { TenantId } from '#domain/ids.ts';
import type { Tenant } from '#domain/tenant.ts';
import { AppError } from '../fault.ts';
import type { House } from '../house.ts';
import { performForEach, type Request } from '../perform.ts';
import { serveTenant } from './served.ts';

/** Everything, in place of a tenant's name. */
const ALL = '*';

export interface Stopped {
  readonly scope: string;
  readonly tenants: readonly TenantId[];
  /** False when it was as asked already. */
  readonly changed: boolean;
}

/**
 * Emergency stop: from its commit on no step begins, so no model call, push or landing; what runs is cut off within
 * seconds by its worker, and goes on from its last step after `resume`.
 */
export async function stop(house: House, tenant: Tenant | undefined, by: Principal): Promise<Stopped> {
  return turn(house, tenant, by, 'tenant.stop');
}

export async function resume(house: House, tenant: Tenant | undefined, by: Principal): Promise<Stopped> {
  return turn(house, tenant, by, 'tenant.resume');
}

/** Whether nothing may be begun for the tenant now, by whose order and since when. For whoever is about to call a model, push or land. */
export async function stopped(house: House, tenant: TenantId): Promise<StopOrder | undefined> {
  return findStopOrder(house.store.truth, tenant);
}

async function turn(
  house: House,
  tenant: Tenant | undefined,
  by: Principal,
  name: 'tenant.stop' | 'tenant.resume',
): Promise<Stopped> {
  const { truth } = house.store;
  const tenants = tenant === undefined ? await listTenants(truth) : [tenant];
  if (tenants.length === 0) throw new AppError('NO_SUCH_TENANT', 'there is no tenant whose work could be stopped');
  const scope = tenant?.id ?? ALL;
  const requests = tenants.map((one): Request => {
    return { name, principal: by, tenant: one, resource: { kind: 'tenant', id: one.id, attributes: { scope } } };
  });
  const changed = await performForEach(house, requests, async (tx) => {
    const at = house.clock.now();
    const done =
      name === 'tenant.stop' ? await addStopOrder(tx, { scope, by: by.id, at }) : await deleteStopOrder(tx, scope);
    for (const { id } of done ? tenants : []) {
      const type = name === 'tenant.stop' ? 'tenant.stopped' : 'tenant.resumed';
      await appendEvent(tx, at, { type, tenant: id, by: by.id, data: { scope } });
      await leaveOutWaits(tx, id); // what waits as a stop begins or ends was held by it, and breaks no promise
    }
    return done;
  });
  for (const { id } of tenants) await serveTenant(house, id);
  return { scope, tenants: tenants.map(({ id }) => id), changed };
}
