import { listTenants, yieldingCount } from '#adapters/sql/index.ts';
import type { Tenant } from '#domain/tenant.ts';
import { type Load, MOST_PREEMPTIONS } from '#qos/index.ts';
import type { House } from '../house.ts';
import { fleetSlots } from './slots.ts';

/** The tenants as they stand, and the slots that there are. */
export interface Fleet {
  readonly tenants: readonly Tenant[];
  readonly loads: readonly Load[];
  /** Those of all workers that serve; no fewer than run, since a worker that takes nothing new still runs what it has. */
  readonly slots: number;
}

export async function fleet(house: House): Promise<Fleet> {
  const { truth } = house.store;
  const tenants = await listTenants(truth);
  const counts = await house.queue.counts();
  const loads: Load[] = [];
  for (const { id, weight } of tenants) {
    const { waiting = 0, running = 0 } = counts.find(({ tenant }) => tenant === id) ?? {};
    const yielding = running === 0 ? 0 : await yieldingCount(truth, id, MOST_PREEMPTIONS);
    loads.push({ tenant: id, weight, waiting, running, yielding });
  }
  const running = loads.reduce((sum, load) => sum + load.running, 0);
  return { tenants, loads, slots: Math.max(running, await fleetSlots(house)) };
}
