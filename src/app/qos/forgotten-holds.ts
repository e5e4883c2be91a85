import { appendEvent, findTask, listRuns, tenantOfTask } from '#adapters/sql/index.ts';
import type { TaskId } from '#domain/ids.ts';
import { ENDED } from '#domain/task.ts';
import type { House } from '../house.ts';
import { SYSTEM } from '../governance/principals.ts';

/** So long after it was taken a hold of an ended task is not about to be settled any more. */
const FORGOTTEN_MS = 60_000;

/** What was reserved for a task that has ended, and whose cost nobody reported: spent to its bound, never silently released. */
export async function settleForgotten(house: House): Promise<void> {
  const { store, ledger, clock } = house;
  const open = await store.truth.tx((tx) => ledger.openHolds(tx));
  for (const { key, boundNano, heldAt } of open) {
    if (clock.now() - heldAt < FORGOTTEN_MS) continue;
    // The cast is true as a question: a key of another kind names no task.
    const id = (key.split('/')[0] ?? '') as TaskId;
    await store.truth.tx(async (tx) => {
      const tenant = await tenantOfTask(tx, id);
      const task = tenant && (await findTask(tx, tenant, id));
      if (task === undefined || !ENDED.includes(task.state)) return;
      // Its worker is about to settle what it really used.
      if ((await listRuns(tx, task.tenant, id)).some(({ state }) => state === 'open')) return;
      const { settled } = await ledger.settle(tx, key, boundNano);
      if (!settled) return;
      const about = { tenant: task.tenant, task: id, by: SYSTEM };
      await appendEvent(tx, clock.now(), { ...about, type: 'budget.settled_at_bound', data: { key, boundNano } });
    });
  }
}
