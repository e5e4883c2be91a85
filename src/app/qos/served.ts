import { findStopOrder, listMeasures } from '#adapters/sql/index.ts';
import type { TenantId } from '#domain/ids.ts';
import { atMost, demandOf, fairSlots, type Measure, throttledSlots } from '#qos/index.ts';
import type { Tx } from '#kernel/sql.ts';
import type { House } from '../house.ts';
import { fleet, type Fleet } from './fleet.ts';

type Served = Parameters<House['queue']['setServed']>[1];

/** Which classes of a tenant may be started now: none when stopped, hi alone when lo is paused or its throttled slots are taken. */
export async function servedNow(
  tx: Tx,
  tenant: TenantId,
  measures: readonly Measure[],
  { loads, slots }: Fleet,
): Promise<Served> {
  if ((await findStopOrder(tx, tenant)) !== undefined) return 'none';
  const of = (kind: Measure['kind']): Measure | undefined =>
    measures.find((measure) => measure.kind === kind && measure.tenant === tenant);
  if (of('pause') !== undefined) return 'hi';
  const throttle = of('throttle');
  if (throttle === undefined) return 'all';
  const due = fairSlots(loads.map(demandOf), slots).get(tenant) ?? 0;
  const running = loads.find((load) => load.tenant === tenant)?.running ?? 0;
  return atMost(running + 1, throttledSlots(due, throttle.value)) ? 'all' : 'hi';
}

/** Tells the queue at once, beside the governor's rounds. */
export async function serveTenant(house: House, tenant: TenantId): Promise<void> {
  const { truth } = house.store;
  const served = await servedNow(truth, tenant, await listMeasures(truth), await fleet(house));
  await house.queue.setServed(tenant, served);
}
