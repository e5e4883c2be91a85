import { findTaskWait, listMeasures } from '#adapters/sql/index.ts';
import { formatDuration } from '#kernel/duration.ts';
import type { Task } from '#domain/task.ts';
import { demandOf, fairSlots, fits, poolOf } from '#qos/index.ts';
import type { House } from '../house.ts';
import { fleet } from './fleet.ts';
import { fleetSlots, servingWorkers } from './slots.ts';
import { stopped } from './stop.ts';

/** Why a task that has not begun waits, in plain words: stopped, out of money, throttled, or its turn has not come. */
export async function whyItWaits(house: House, task: Task): Promise<string> {
  const stop = await stopped(house, task.tenant);
  if (stop !== undefined) {
    const tenant = stop.scope === '*' ? '' : ` --tenant ${stop.scope}`;
    return `stopped by ${stop.by}; to go on: maestro resume${tenant}`;
  }
  if (task.state === 'deferred')
    return task.reasons[0]?.code === 'BUDGET_PACE' ? 'waits for its budget: spent too fast' : 'waits for its budget';
  const held = (await listMeasures(house.store.truth)).find(
    ({ kind, tenant }) => (kind === 'pause' || kind === 'throttle') && tenant === task.tenant,
  );
  if (held !== undefined && task.priority === 'lo') {
    const what = held.kind === 'pause' ? 'paused' : `throttled to ${Math.round(held.value * 100)} %`;
    return `low priority of ${task.tenant} is ${what}: error budgets burn (maestro slo status)`;
  }
  return waitsForTurn(house, task);
}

/** What it needs, when no worker that lives has that. */
async function lacks(house: House, { needs = [] }: Task): Promise<string | undefined> {
  const pool = poolOf(needs);
  const serving = await servingWorkers(house);
  if (serving.some(({ labels }) => fits(pool, labels))) return undefined;
  if (needs.length > 0)
    return `waits for a worker that has ${needs.join(', ')}: maestro worker --label ${needs.join(' --label ')}`;
  return serving.length === 0 ? 'waits for a worker: maestro up, or maestro worker' : undefined;
}

async function waitsForTurn(house: House, task: Task): Promise<string> {
  const lacking = await lacks(house, task);
  if (lacking !== undefined) return lacking;
  const before = await house.queue.of(poolOf(task.needs)).position(task.id);
  const wait = await findTaskWait(house.store.truth, task.id);
  const gaveWay =
    wait !== undefined && wait.preemptions > 0 ? ', gave its slot to a tenant with less than its share' : '';
  if (before === undefined) return `waits${gaveWay}`;
  if (before < (await fleetSlots(house)) && gaveWay === '')
    return before === 0 ? 'is next' : `waits, ${before} before it`;
  const { loads, slots } = await fleet(house);
  const own = loads.find(({ tenant }) => tenant === task.tenant);
  const due = fairSlots(loads.map(demandOf), slots).get(task.tenant) ?? 0;
  const quota = `${task.tenant} has ${own?.running ?? 0} of ${slots} slots, ${Number(due.toFixed(1))} are due`;
  const since = wait === undefined ? '' : ` for ${formatDuration(house.clock.now() - wait.since)}`;
  return `waits${since}, ${before} before it (${quota})${gaveWay}`;
}
