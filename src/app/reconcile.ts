import { listTenants, tasksToQueue } from '#adapters/sql/index.ts';
import { weight } from '#kernel/virtual-time.ts';
import type { House } from './house.ts';

const PAGE = 1000;

/**
 * SQL is the truth: tenants and tasks that are there and not in the queue are put into it. So a crash between the two
 * loses nothing, and a queue that lost everything is made anew. What is there already is left as it is.
 */
export async function reconcileQueue(house: House): Promise<void> {
  const { queue, store, clock } = house;
  const known = new Set((await queue.counts()).map(({ tenant }) => tenant));
  for (const tenant of await listTenants(store.truth)) {
    if (!known.has(tenant.id)) await queue.setWeight(tenant.id, weight(tenant.weight));
  }
  for (let after = ''; ;) {
    const tasks = await tasksToQueue(store.truth, { now: clock.now(), after, limit: PAGE });
    const absent = new Set(await queue.absent(tasks.map(({ id }) => id)));
    for (const task of tasks) if (absent.has(task.id)) await house.enqueue(task);
    const last = tasks.at(-1);
    if (last === undefined || tasks.length < PAGE) return;
    after = last.id;
  }
}
