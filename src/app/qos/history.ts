import { listTenants, readEvents } from '#adapters/sql/index.ts';
import type { Event, EventType } from '#domain/event.ts';
import type { TenantId } from '#domain/ids.ts';
import { type Millis, millis } from '#kernel/clock.ts';
import type { Tx } from '#kernel/sql.ts';
import { weight } from '#kernel/virtual-time.ts';
import type { SimTenant } from '#qos/index.ts';
import type { House } from '../house.ts';

const PAGE = 1000;
const HOUR = 3_600_000;

/** The tenants of this installation with the load that they had: how many tasks an hour, how long they ran. Those without any are left out. */
export async function workloadSoFar(house: House, lastMs: number): Promise<readonly SimTenant[]> {
  const { truth } = house.store;
  const since = millis(house.clock.now() - lastMs);
  const found: SimTenant[] = [];
  for (const tenant of await listTenants(truth)) {
    const submitted = await allSince(truth, tenant.id, 'task.submitted', since);
    const charged = await allSince(truth, tenant.id, 'usage.charged', since);
    const lengths = charged
      .filter(({ data }) => data['step'] === undefined)
      .map(({ data }) => Number(data['slotMs']))
      .filter((ms) => ms > 0);
    if (submitted.length === 0 || lengths.length === 0) continue;
    const meanMs = lengths.reduce((sum, ms) => sum + ms, 0) / lengths.length;
    const variance = lengths.reduce((sum, ms) => sum + (ms - meanMs) ** 2, 0) / lengths.length;
    const first = submitted[0]?.at ?? since;
    // Less than an hour of history says nothing of the other hours.
    const hours = Math.max(1, (house.clock.now() - first) / HOUR);
    found.push({
      id: tenant.id,
      weight: weight(tenant.weight),
      meanMs,
      cv: Math.min(10, Math.sqrt(variance) / meanMs),
      arrivals: { kind: 'poisson', perHour: submitted.length / hours },
    });
  }
  return found;
}

/** A tenant's events of one type since then, however many there are and were before. */
async function allSince(tx: Tx, tenant: TenantId, type: EventType, since: Millis): Promise<readonly Event[]> {
  const all: Event[] = [];
  for (;;) {
    const after = all.at(-1)?.seq ?? 0;
    const page = await readEvents(tx, tenant, { type, since, after, limit: PAGE });
    all.push(...page);
    if (page.length < PAGE) return all;
  }
}
