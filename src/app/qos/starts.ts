import { addStarts, deleteTaskWait, findTaskWait, findTenant, putTaskWait } from '#adapters/sql/index.ts';
import type { Reason } from '#domain/reason.ts';
import type { Task } from '#domain/task.ts';
import type { Tx } from '#kernel/sql.ts';
import type { House } from '../house.ts';

/**
 * A worker begins the task: it runs from now on. Its first start counts for the objective of its tenant, when it was
 * within its share as it began to wait; what started before anybody looked did not wait.
 */
export async function countStart(tx: Tx, house: House, task: Task): Promise<void> {
  const now = house.clock.now();
  const { tenant: id, priority } = task;
  const wait = await findTaskWait(tx, task.id);
  await putTaskWait(tx, { task: task.id, tenant: id, class: priority, state: 'running', since: now });
  if (wait?.state !== 'waiting' || wait.preemptions > 0 || wait.counted || wait.inShare === false) return;
  const tenant = await findTenant(tx, id);
  if (tenant === undefined) return;
  const isGood = now - wait.since <= tenant.startWithinMs;
  await addStarts(tx, { tenant: id, class: priority }, now, isGood ? { good: 1, bad: 0 } : { good: 0, bad: 1 });
}

/** The task has ended: it waits for nothing more. What the platform itself broke counts against the objective. */
export async function countEnd(tx: Tx, house: House, task: Task, reasons: readonly Reason[]): Promise<void> {
  await deleteTaskWait(tx, task.id);
  if (!reasons.some(({ code }) => code === 'INTERNAL')) return;
  await addStarts(tx, { tenant: task.tenant, class: task.priority }, house.clock.now(), { good: 0, bad: 1 });
}
