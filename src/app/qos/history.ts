import { listTenants, readEvents } from '#adapters/sql/index.ts';
import { weight } from '#kernel/virtual-time.ts';
import type { SimTenant } from '#qos/index.ts';
import type { House } from '../house.ts';

const MOST_EVENTS = 10_000;
const HOUR = 3_600_000;

/** The tenants of this installation with the load that they had: how many tasks an hour, how long they ran. Those without any are left out. */
export async function workloadSoFar(house: House, lastMs: number): Promise<readonly SimTenant[]> {
  const { truth } = house.store;
  const from = house.clock.now() - lastMs;
  const found: SimTenant[] = [];
  for (const tenant of await listTenants(truth)) {
    const submitted = await readEvents(truth, tenant.id, { type: 'task.submitted', limit: MOST_EVENTS });
    const charged = await readEvents(truth, tenant.id, { type: 'usage.charged', limit: MOST_EVENTS });
    const recent = submitted.filter(({ at }) => at >= from);
    const lengths = charged
      .filter(({ at, data }) => at >= from && data['step'] === undefined)
      .map(({ data }) => Number(data['slotMs']))
      .filter((ms) => ms > 0);
    if (recent.length === 0 || lengths.length === 0) continue;
    const meanMs = lengths.reduce((sum, ms) => sum + ms, 0) / lengths.length;
    const variance = lengths.reduce((sum, ms) => sum + (ms - meanMs) ** 2, 0) / lengths.length;
    const first = Math.max(from, recent[0]?.at ?? from);
    // Less than an hour of history says nothing of the other hours.
    const hours = Math.max(1, (house.clock.now() - first) / HOUR);
    found.push({
      id: tenant.id,
      weight: weight(tenant.weight),
      meanMs,
      cv: Math.min(10, Math.sqrt(variance) / meanMs),
      arrivals: { kind: 'poisson', perHour: recent.length / hours },
    });
  }
  return found;
}
