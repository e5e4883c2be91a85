import type { TaskId, TenantId } from '#domain/ids.ts';
import type { Priority } from '#domain/task.ts';
import { type Millis, millis } from '#kernel/clock.ts';
import type { Tx } from '#kernel/sql.ts';

/** Where a task that has not ended stands among the others. */
export interface TaskWait {
  readonly task: TaskId;
  readonly tenant: TenantId;
  readonly class: Priority;
  readonly state: 'waiting' | 'running';
  readonly since: Millis;
  /** Null: not looked at yet. */
  readonly inShare: boolean | null;
  readonly counted: boolean;
  readonly preemptions: number;
}

type Row = {
  readonly task: TaskId;
  readonly tenant: TenantId;
  readonly class: Priority;
  readonly state: TaskWait['state'];
  readonly since: number;
  readonly in_share: number | null;
  readonly counted: number;
  readonly preemptions: number;
};

function waitOf({ in_share, counted, since, ...row }: Row): TaskWait {
  return { ...row, since: millis(since), inShare: in_share === null ? null : in_share === 1, counted: counted === 1 };
}

type Standing = Pick<TaskWait, 'task' | 'tenant' | 'class' | 'state' | 'since'>;

/** The task waits from now on, or runs; how often it has given way is kept, what was counted begins anew with each wait. */
export async function putTaskWait(tx: Tx, wait: Standing): Promise<void> {
  await tx.run(
    `insert into task_wait (task, tenant, class, state, since, in_share, counted, preemptions)
     values ($1, $2, $3, $4, $5, null, 0, 0)
     on conflict (task) do update set state = excluded.state, since = excluded.since, in_share = null, counted = 0`,
    wait.task,
    wait.tenant,
    wait.class,
    wait.state,
    wait.since,
  );
}

export async function findTaskWait(tx: Tx, task: TaskId): Promise<TaskWait | undefined> {
  const [row] = await tx.all<Row>('select * from task_wait where task = $1', task);
  return row && waitOf(row);
}

export async function deleteTaskWait(tx: Tx, task: TaskId): Promise<void> {
  await tx.run('delete from task_wait where task = $1', task);
}

/** One more preemption of the task. */
export async function addPreemption(tx: Tx, task: TaskId): Promise<void> {
  await tx.run('update task_wait set preemptions = preemptions + 1 where task = $1', task);
}

/** The first of a tenant's waiting tasks, hi before lo, longest first. */
export async function waitingTasks(tx: Tx, tenant: TenantId, limit: number): Promise<TaskWait[]> {
  const rows = await tx.all<Row>(
    `select * from task_wait where tenant = $1 and state = 'waiting' order by class, since, task limit $2`,
    tenant,
    limit,
  );
  return rows.map(waitOf);
}

/** Waiting tasks that nobody has looked at yet. */
export async function freshWaits(tx: Tx): Promise<TaskWait[]> {
  return (await tx.all<Row>(`select * from task_wait where state = 'waiting' and in_share is null`)).map(waitOf);
}

/** Says of a wait that nobody has looked at yet whether it counts; what is known already stays. */
export async function markInShare(tx: Tx, task: TaskId, inShare: boolean): Promise<void> {
  await tx.run('update task_wait set in_share = $2 where task = $1 and in_share is null', task, inShare ? 1 : 0);
}

/** No wait of the tenant as it is now counts any more. */
export async function leaveOutWaits(tx: Tx, tenant: TenantId): Promise<void> {
  await tx.run(`update task_wait set in_share = 0 where tenant = $1 and state = 'waiting' and counted = 0`, tenant);
}

/** Waits in share that are longer than any start in time and have not been counted; marks them as counted. */
export async function takeLateWaits(tx: Tx, tenant: TenantId, before: Millis): Promise<TaskWait[]> {
  const rows = await tx.all<Row>(
    `update task_wait set counted = 1
     where tenant = $1 and state = 'waiting' and in_share = 1 and counted = 0 and since < $2 returning *`,
    tenant,
    before,
  );
  return rows.map(waitOf);
}

/** Running tasks of a tenant that may still give way. */
export async function yieldingCount(tx: Tx, tenant: TenantId, most: number): Promise<number> {
  const [row] = await tx.all<{ n: number }>(
    `select count(*) as n from task_wait
     where tenant = $1 and state = 'running' and class = 'lo' and preemptions < $2`,
    tenant,
    most,
  );
  return row?.n ?? 0;
}

/** Running tasks of priority lo. */
export async function runningLo(tx: Tx, tenant: TenantId): Promise<TaskId[]> {
  const rows = await tx.all<{ task: TaskId }>(
    `select task from task_wait where tenant = $1 and state = 'running' and class = 'lo' order by since, task`,
    tenant,
  );
  return rows.map(({ task }) => task);
}
