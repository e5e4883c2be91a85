import { readEvents } from '#adapters/sql/index.ts';
import type { NanoUsd } from '#kernel/money.ts';
import type { Tx } from '#kernel/sql.ts';
import type { Task } from '#domain/task.ts';

/** What the budgets allowed a task when it was admitted. */
export interface Admission {
  /** One of `budget.plans`; `none` for work that needs no model. */
  readonly plan: string;
  /** Most that it may cost: what is held. */
  readonly boundNano: NanoUsd;
  /** Why it is not the plan that was asked for; absent when it is. */
  readonly because?: string;
}

/** Oldest first; a task is admitted again after each deferral. */
export async function admissionsOf(tx: Tx, task: Pick<Task, 'tenant' | 'id'>): Promise<readonly Admission[]> {
  const events = await readEvents(tx, task.tenant, { task: task.id, type: 'task.admitted', limit: 10_000 });
  return events.map(({ data: { plan, boundNano, because } }) => ({
    // The casts are true: `admit` writes the event so.
    plan: plan as string,
    boundNano: boundNano as NanoUsd,
    ...(typeof because === 'string' ? { because } : {}),
  }));
}
