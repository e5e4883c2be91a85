import { appendEvent, changeTask, findTenant } from '#adapters/sql/index.ts';
import type { ActionName, Principal } from '#domain/action.ts';
import { mayBecome, type Task } from '#domain/task.ts';
import type { Tx } from '#kernel/sql.ts';
import { nanoUsd } from '#kernel/money.ts';
import { admit, settleHold } from './admit.ts';
import { AppError } from '../fault.ts';
import type { House } from '../house.ts';
import { perform } from '../perform.ts';
import { countEnd } from '../qos/starts.ts';
import { closeRefused } from '../steps/close.ts';

/** Ends a task that has not ended. One that runs stops at its next step; what it holds is settled then. */
export async function cancel(house: House, task: Task, by: Principal): Promise<Task> {
  if (!mayBecome(task.state, 'cancelled')) {
    throw new AppError('TASK_STATE', `task ${task.id} is ${task.state} and cannot be cancelled any more`, {
      details: { task: task.id },
    });
  }
  const cancelled = await controlled(house, task, by, 'task.cancel', async (tx) => {
    await changeTask(tx, { tenant: task.tenant, id: task.id, from: task.state, to: 'cancelled', reasons: [] });
    const about = { tenant: task.tenant, task: task.id, by: by.id };
    await appendEvent(tx, house.clock.now(), { ...about, type: 'task.cancelled', data: { from: task.state } });
    const cancelled: Task = { ...task, state: 'cancelled', reasons: [] };
    if (task.state === 'running') return cancelled; // its worker settles what it used and closes the run
    await settleHold(tx, house, task, nanoUsd(0));
    await countEnd(tx, house, task, []);
    await closeRefused(tx, house, cancelled);
    return cancelled;
  });
  await house.queue.remove(task.id);
  return cancelled;
}

/** Admits a task again that failed, was denied or was cancelled. */
export async function retry(house: House, task: Task, by: Principal): Promise<Task> {
  if (!mayBecome(task.state, 'proposed')) {
    throw new AppError('TASK_STATE', `task ${task.id} is ${task.state} and cannot be tried again`, {
      details: { task: task.id },
    });
  }
  const admitted = await controlled(house, task, by, 'task.retry', async (tx) => {
    await changeTask(tx, { tenant: task.tenant, id: task.id, from: task.state, to: 'proposed', reasons: [] });
    const about = { tenant: task.tenant, task: task.id, by: by.id };
    await appendEvent(tx, house.clock.now(), { ...about, type: 'task.retried', data: { from: task.state } });
    return admit(tx, house, { ...task, state: 'proposed' });
  });
  if (admitted.state === 'queued') await house.enqueue(admitted);
  return admitted;
}

async function controlled(
  house: House,
  task: Task,
  by: Principal,
  name: ActionName,
  effect: (tx: Tx) => Promise<Task>,
): Promise<Task> {
  const tenant = await findTenant(house.store.truth, task.tenant);
  if (tenant === undefined) throw new Error(`task ${task.id} has lost its tenant`);
  const resource = { kind: 'task', id: task.id, attributes: { [task.work.kind]: task.work.name } };
  return perform(house, { name, principal: by, tenant, task: task.id, resource }, effect);
}
