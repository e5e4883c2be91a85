import { listTenants, neededLabels, tasksToQueue } from '#adapters/sql/index.ts';
import { weight } from '#kernel/virtual-time.ts';
import { poolOf } from '#qos/index.ts';
import type { House } from '../house.ts';

const PAGE = 1000;

/**
 * SQL is the truth: tenants and tasks that are there and not in the queue are put into it. So a crash between the two
 * loses nothing, and a queue that lost everything is made anew. What is there already is left as it is.
 */
export async function reconcileQueue(house: House): Promise<void> {
  const { queue, store, clock } = house;
  await learnPools(house);
  const tenants = await listTenants(store.truth);
  for (const pool of queue.pools.values()) {
    const known = new Set((await pool.counts()).map(({ tenant }) => tenant));
    for (const { id, weight: share } of tenants) if (!known.has(id)) await pool.setWeight(id, weight(share));
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

/** Pools come from what tasks need; each process finds out by itself. */
export async function learnPools({ queue, store }: Pick<House, 'queue' | 'store'>): Promise<void> {
  for (const needs of await neededLabels(store.truth)) queue.of(poolOf(needs));
}
