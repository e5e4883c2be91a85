import { appendEvent, changeTask, findOpenRun, findTask, findTenant, listSteps } from '#adapters/sql/index.ts';
import type { ActionName, Principal } from '#domain/action.ts';
import { mayBecome, type Task } from '#domain/task.ts';
import type { StepRecord } from '#journal/index.ts';
import { poolOf } from '#qos/index.ts';
import type { Tx } from '#kernel/sql.ts';
import { nanoUsd } from '#kernel/money.ts';
import { admit, settleHold } from './admit.ts';
import { AppError } from '../fault.ts';
import type { House } from '../house.ts';
import { perform } from '../perform.ts';
import { countEnd } from '../qos/starts.ts';
import { closeRefused } from '../steps/close.ts';
import { closeLeftRun } from '../upkeep/left-runs.ts';

/** Ends a task that has not ended. One that runs stops at its next step; what it holds is settled then. */
export async function cancel(house: House, task: Task, by: Principal): Promise<Task> {
  const cancelled = await controlled(house, task, by, { name: 'task.cancel', to: 'cancelled' }, async (tx, now) => {
    const about = { tenant: now.tenant, task: now.id, by: by.id };
    const run = await findOpenRun(tx, now.tenant, now.id);
    if (run !== undefined && isLanding(await listSteps(tx, run.id)))
      throw new AppError('TASK_STATE', `task ${now.id} is landing and cannot be cancelled any more`, {
        details: { task: now.id },
      });
    await appendEvent(tx, house.clock.now(), { ...about, type: 'task.cancelled', data: { from: now.state } });
    const cancelled: Task = { ...now, state: 'cancelled', reasons: [] };
    if (run !== undefined) return cancelled; // whoever closes the run settles what it used
    await settleHold(tx, house, now, nanoUsd(0));
    await countEnd(tx, house, now, []);
    await house.forge.closeOpen(tx, now);
    await closeRefused(tx, house, cancelled);
    return cancelled;
  });
  await leaveQueue(house, task);
  await closeLeftRun(house, cancelled);
  return cancelled;
}

/** A worker that finds a job whose task is over does nothing, so that what stays in the queue does no harm. */
async function leaveQueue({ queue, log }: House, task: Task): Promise<void> {
  await queue
    .of(poolOf(task.needs))
    .remove(task.id)
    .catch((error: unknown) => {
      log.log('warn', 'a cancelled task is still in the queue', { task: task.id, error: String(error) });
    });
}

/** Admits a task again that failed, was denied or was cancelled. */
export async function retry(house: House, task: Task, by: Principal): Promise<Task> {
  const admitted = await controlled(house, task, by, { name: 'task.retry', to: 'proposed' }, async (tx, now) => {
    const about = { tenant: now.tenant, task: now.id, by: by.id };
    await appendEvent(tx, house.clock.now(), { ...about, type: 'task.retried', data: { from: now.state } });
    return admit(tx, house, { ...now, state: 'proposed' });
  });
  if (admitted.state === 'queued') await house.enqueue(admitted);
  return admitted;
}

/** Moves the task to another state, from the one in which it is by then: others act on it while policy is asked. */
async function controlled(
  house: House,
  task: Task,
  by: Principal,
  { name, to }: { readonly name: ActionName; readonly to: 'cancelled' | 'proposed' },
  effect: (tx: Tx, now: Task) => Promise<Task>,
): Promise<Task> {
  requireMayBecome(task, to);
  const tenant = await findTenant(house.store.truth, task.tenant);
  if (tenant === undefined) throw new Error(`task ${task.id} has lost its tenant`);
  const resource = { kind: 'task', id: task.id, attributes: { [task.work.kind]: task.work.name } };
  return perform(house, { name, principal: by, tenant, task: task.id, resource }, async (tx) => {
    const now = (await findTask(tx, task.tenant, task.id)) ?? task;
    requireMayBecome(now, to);
    await changeTask(tx, { tenant: now.tenant, id: now.id, from: now.state, to, reasons: [] });
    return effect(tx, now);
  });
}

function requireMayBecome({ id, state }: Task, to: 'cancelled' | 'proposed'): void {
  if (mayBecome(state, to)) return;
  const cannot = to === 'cancelled' ? 'cannot be cancelled any more' : 'cannot be tried again';
  throw new AppError('TASK_STATE', `task ${id} is ${state} and ${cannot}`, { details: { task: id } });
}

/** The branch is moved, or may be: from then on the task ends as landed, unless somebody else was first. */
function isLanding(steps: readonly StepRecord[]): boolean {
  const last = steps.findLast(({ name }) => name.startsWith('land.'));
  return last !== undefined && /^land\.(move|read_back|record)/.test(last.name);
}
