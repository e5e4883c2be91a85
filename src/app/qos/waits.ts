import { addStarts, findStopOrder, freshWaits, markInShare, takeLateWaits } from '#adapters/sql/index.ts';
import { millis } from '#kernel/clock.ts';
import { demandOf, fairSlots, isInShare } from '#qos/index.ts';
import type { House } from '../house.ts';
import type { Fleet } from './fleet.ts';

/**
 * A wait counts for the objective when its tenant asked for no more than its share as it began. A later wait of the same
 * task does not count, and none under a stop, which people want.
 */
export async function markFreshWaits(house: House, { loads, slots }: Fleet): Promise<void> {
  const { truth } = house.store;
  const fresh = await freshWaits(truth);
  if (fresh.length === 0) return;
  const fair = fairSlots(loads.map(demandOf), slots);
  const inShare = new Map(loads.map((load) => [load.tenant, isInShare(demandOf(load), fair)]));
  await truth.tx(async (tx) => {
    for (const tenant of new Set(fresh.map((wait) => wait.tenant))) {
      if ((await findStopOrder(tx, tenant)) !== undefined) inShare.set(tenant, false);
    }
    for (const { task, tenant, preemptions } of fresh) {
      await markInShare(tx, task, preemptions === 0 && inShare.get(tenant) === true);
    }
  });
}

/** A wait in share that has grown too long is a bad start already: an outage must not have to end before it is seen. */
export async function countLateWaits(house: House, { tenants, loads }: Fleet): Promise<void> {
  const now = house.clock.now();
  for (const { id, startWithinMs } of tenants) {
    if (!loads.some(({ tenant, waiting }) => tenant === id && waiting > 0)) continue;
    await house.store.truth.tx(async (tx) => {
      for (const late of await takeLateWaits(tx, id, millis(now - startWithinMs))) {
        await addStarts(tx, { tenant: id, class: late.class }, now, { good: 0, bad: 1 });
      }
    });
  }
}
