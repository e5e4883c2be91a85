import { cancelledInOpenRuns, findTask } from '#adapters/sql/index.ts';
import type { Task } from '#domain/task.ts';
import type { House } from '../house.ts';
import { closeCancelled } from '../steps/close.ts';
import { roadOf } from '../tasks/road-of.ts';

const PAGE = 100;

/** Runs of cancelled tasks that nobody carries on: their worker died, or they had given way and waited. */
export async function closeLeftRuns(house: House): Promise<void> {
  const { store, clock } = house;
  for (const { tenant, task: id } of await cancelledInOpenRuns(store.truth, clock.now(), PAGE)) {
    const task = await findTask(store.truth, tenant, id);
    if (task !== undefined) await closeLeftRun(house, task);
  }
}

/** Settles what the open run of a cancelled task has used, signs the evidence and closes it; nothing while a worker holds it. */
export async function closeLeftRun(house: House, task: Pick<Task, 'id' | 'tenant'>): Promise<void> {
  const { journal, worker, leaseMs } = house;
  const { id, tenant } = task;
  const run = await journal.open({
    tenant,
    task: id,
    owner: worker.owner,
    leaseMs,
    begin: async (tx, { epoch }) => epoch > 1 && (await findTask(tx, tenant, id))?.state === 'cancelled',
  });
  if (run === undefined) return;
  await using held = run;
  const cancelled = await findTask(house.store.truth, tenant, id);
  if (cancelled !== undefined) await closeCancelled(await roadOf(house, held, cancelled));
}
