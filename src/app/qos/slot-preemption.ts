import { addPreemptionOrder, openPreemptionOrders, takePreemptionOrder, waitingTasks } from '#adapters/sql/index.ts';
import type { TaskId, TenantId } from '#domain/ids.ts';
import { atMost, demandOf, fairSlots, type Head, isInShare, type Measure, slotOrders } from '#qos/index.ts';
import type { House } from '../house.ts';
import type { Fleet } from './fleet.ts';
import { servedNow } from './served.ts';

/** Part of the usual trigger while `early` is in force. */
const EARLY = 0.4;
/** Most waiting tasks of one tenant that are looked at in a round. */
const MOST_HEADS = 20;

/** Asks tenants over their share to give slots back to those within theirs that have waited too long; takes back what has become needless. */
export async function orderSlotPreemptions(house: House, fleet: Fleet, measures: readonly Measure[]): Promise<void> {
  const { truth } = house.store;
  const { loads, slots } = fleet;
  const heads = await headsOf(house, fleet, measures);
  const waiting = new Set<string>(heads.map(({ task }) => task));
  const open = [];
  for (const order of await openPreemptionOrders(truth)) {
    if (order.rule !== 'slot') continue;
    const task = order.id.slice('slot:'.length);
    if (waiting.has(task)) open.push({ from: order.tenant, task, tenant: String(order.body['tenant']) });
    else await takePreemptionOrder(truth, order.id);
  }
  const isEarly = measures.some(({ kind }) => kind === 'early');
  const trigger = house.slo.preemptAfter * (isEarly ? EARLY : 1);
  for (const { from, task, tenant, waitedMs, running, due } of slotOrders(loads, heads, open, { slots, trigger })) {
    await addPreemptionOrder(truth, {
      id: `slot:${task}`,
      // The cast is true: the loads are those of tenants.
      tenant: from as TenantId,
      task: null,
      rule: 'slot',
      body: { tenant, waitedFor: task, waitedMs, running, due: Number(due.toFixed(2)) },
      madeAt: house.clock.now(),
    });
  }
}

/** The waiting tasks that may start now, of tenants that have less than what is due to them, or that have urgent work. */
async function headsOf(
  house: House,
  fleet: Fleet,
  measures: readonly Measure[],
): Promise<readonly (Head & { task: TaskId })[]> {
  const { truth } = house.store;
  const { tenants, loads, slots } = fleet;
  const now = house.clock.now();
  const fair = fairSlots(loads.map(demandOf), slots);
  const heads: (Head & { task: TaskId })[] = [];
  for (const { id, startWithinMs } of tenants) {
    const load = loads.find(({ tenant }) => tenant === id);
    if (load === undefined || load.waiting === 0) continue;
    const served = await servedNow(truth, id, measures, fleet);
    if (served === 'none') continue;
    const mayLo = served === 'all' && atMost(load.running + 1, fair.get(id) ?? 0);
    const most = isInShare(demandOf(load), fair) ? MOST_HEADS : 1;
    for (const wait of await waitingTasks(truth, id, most)) {
      if (!mayLo && wait.class === 'lo') continue;
      const { task, class: priority, preemptions } = wait;
      heads.push({ task, tenant: id, priority, waitedMs: now - wait.since, preemptions, targetMs: startWithinMs });
    }
  }
  return heads;
}
