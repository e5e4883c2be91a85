import type { Tx } from '#kernel/sql.ts';
import { formatUsd, type NanoUsd, nanoUsd } from '#kernel/money.ts';
import { appendEvent, changeTask, readEvents } from '#adapters/sql/index.ts';
import type { Reason } from '#domain/reason.ts';
import type { Task } from '#domain/task.ts';
import type { ScopeBalance } from '#qos/index.ts';
import type { House } from './house.ts';
import { SYSTEM } from './principals.ts';

/** The scopes that pay for a task, from widest to narrowest. */
export function scopesOf(task: Task): readonly string[] {
  return ['org', `tenant:${task.tenant}`, `task:${task.id}`];
}

/** Name of the hold that the n-th admission of a task took; the natural key of its settlement. */
function holdKey(task: Task, admission: number): string {
  return `${task.id}/${admission}`;
}

async function admissions(tx: Tx, task: Task): Promise<number> {
  return (await readEvents(tx, task.tenant, { task: task.id, type: 'task.admitted', limit: 10_000 })).length;
}

/** Turns the hold of the task's last admission into what was spent; nothing when it was never admitted. */
export async function settleHold(tx: Tx, house: House, task: Task, actualNano: NanoUsd): Promise<void> {
  const admission = await admissions(tx, task);
  if (admission > 0) await house.ledger.settle(tx, holdKey(task, admission), actualNano);
}

/**
 * Reserves the upper bound of a task's next run and moves it to `queued`; or, over budget, to `deferred` (lo) or `denied` (hi).
 * Runs in the caller's transaction. The caller enqueues afterwards; what is `queued` in SQL and in no queue is found again by housekeeping.
 */
export async function admit(tx: Tx, house: House, task: Task): Promise<Task> {
  const at = house.clock.now();
  const reservation = await house.ledger.reserve(tx, {
    key: holdKey(task, (await admissions(tx, task)) + 1),
    scopes: scopesOf(task),
    boundNano: task.boundNano,
    priority: task.priority,
  });
  const about = { tenant: task.tenant, task: task.id, by: SYSTEM };
  if (reservation.kind !== 'over_cap') {
    if (!(await moved(tx, task, 'queued', []))) return task;
    await appendEvent(tx, at, { ...about, type: 'task.admitted', data: { boundNano: task.boundNano } });
    return { ...task, state: 'queued', reasons: [] };
  }
  const reasons = [budgetReason(task, reservation.balance)];
  const state = task.priority === 'hi' ? 'denied' : 'deferred';
  if (task.state === state || !(await moved(tx, task, state, reasons))) return task;
  await appendEvent(tx, at, { ...about, type: `task.${state}`, data: { reasons } });
  return { ...task, state, reasons };
}

async function moved(tx: Tx, task: Task, to: Task['state'], reasons: readonly Reason[]): Promise<boolean> {
  return changeTask(tx, { tenant: task.tenant, id: task.id, from: task.state, to, reasons });
}

function budgetReason(task: Task, balance: ScopeBalance): Reason {
  const cap = nanoUsd(balance.capNano ?? 0);
  const room = nanoUsd(Math.max(0, cap - balance.spentNano - balance.heldNano));
  const numbers = `${balance.scope} has ${formatUsd(room)} left of ${formatUsd(cap)}; one run may cost ${formatUsd(task.boundNano)}`;
  const missing = formatUsd(nanoUsd(task.boundNano - room));
  if (task.boundNano > cap) {
    return {
      code: 'BUDGET_TOO_SMALL',
      msg: numbers,
      field: 'task.boundNano',
      fix: `submit with a smaller --max-usd, or top up by at least ${missing}`,
    };
  }
  return {
    code: 'BUDGET_EXHAUSTED',
    msg: numbers,
    field: 'tenant.budget',
    fix: `wait for running work or the next period, or top up by at least ${missing}`,
  };
}
