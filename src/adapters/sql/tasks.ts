import type { PrincipalId, RepoId, RunId, TaskId, TenantId } from '#domain/ids.ts';
import type { Reason } from '#domain/reason.ts';
import { type Priority, type Task, type TaskState, mayBecome } from '#domain/task.ts';
import type { Millis } from '#kernel/clock.ts';
import type { NanoUsd } from '#kernel/money.ts';
import { sealed, type Tx } from '#kernel/sql.ts';
import { conditions } from './conditions.ts';
import { fromJson, toJson } from './json-column.ts';

type Row = {
  readonly tenant: TenantId;
  readonly id: TaskId;
  readonly repo: RepoId;
  readonly work: string;
  readonly priority: Priority;
  readonly key: string;
  readonly submitted_by: PrincipalId;
  readonly state: TaskState;
  readonly reasons: string;
  readonly submitted_at: Millis;
  readonly bound_nano: NanoUsd;
  readonly needs: string;
};

const COLUMNS = 'tenant, id, repo, work, priority, key, submitted_by, state, reasons, submitted_at, bound_nano, needs';

function taskOf(row: Row): Task {
  const { tenant, id, repo, priority, key, state } = row;
  const needs = fromJson<string[]>(row.needs);
  return {
    tenant,
    id,
    repo,
    work: fromJson(row.work),
    priority,
    key,
    submittedBy: row.submitted_by,
    state,
    reasons: fromJson(row.reasons),
    submittedAt: row.submitted_at,
    boundNano: row.bound_nano,
    ...(needs.length === 0 ? {} : { needs }),
  };
}

/** Records a task, or gives the one that its tenant submitted with that key before. */
export async function addTask(tx: Tx, task: Task): Promise<{ readonly task: Task; readonly added: boolean }> {
  const [row] = await tx.all<Row>(
    `insert into task (${COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
     on conflict (tenant, key) do nothing returning ${COLUMNS}`,
    task.tenant,
    task.id,
    task.repo,
    sealed(task.tenant, toJson(task.work)),
    task.priority,
    task.key,
    task.submittedBy,
    task.state,
    sealed(task.tenant, toJson(task.reasons)),
    task.submittedAt,
    task.boundNano,
    toJson(task.needs ?? []),
  );
  if (row !== undefined) return { task: taskOf(row), added: true };
  const byKey = `select ${COLUMNS} from task where tenant = $1 and key = $2`;
  const [earlier] = await tx.all<Row>(byKey, task.tenant, task.key);
  if (earlier === undefined) throw new Error(`task ${task.id} conflicts with a task that is not there`);
  return { task: taskOf(earlier), added: false };
}

export async function findTask(tx: Tx, tenant: TenantId, id: TaskId): Promise<Task | undefined> {
  const [row] = await tx.all<Row>(`select ${COLUMNS} from task where tenant = $1 and id = $2`, tenant, id);
  return row && taskOf(row);
}

/** Whose task it is, for those who know only its id. */
export async function tenantOfTask(tx: Tx, id: TaskId): Promise<TenantId | undefined> {
  const [row] = await tx.all<{ tenant: TenantId }>('select tenant from task where id = $1', id);
  return row?.tenant;
}

export interface TaskFilter {
  readonly tenant: TenantId;
  readonly state?: TaskState;
  /** Only tasks submitted after this one. */
  readonly after?: TaskId;
  readonly limit: number;
}

/** In the order in which they were submitted. */
export async function listTasks(tx: Tx, filter: TaskFilter): Promise<Task[]> {
  const { tenant, state, after, limit } = filter;
  const { text, values } = conditions({ 'tenant =': tenant, 'state =': state, 'id >': after });
  const query = `select ${COLUMNS} from task where ${text} order by id limit $${values.length + 1}`;
  return (await tx.all<Row>(query, ...values, limit)).map(taskOf);
}

/** Tasks that belong into the queue, in the order of their ids: queued, or running in a run whose worker gave no sign of life. */
export async function tasksToQueue(
  tx: Tx,
  page: { readonly now: Millis; readonly after: string; readonly limit: number },
): Promise<Task[]> {
  const query = `select ${COLUMNS} from task where id > $2 and state in ('queued', 'running') and (state = 'queued' or not exists (
      select 1 from run where run.tenant = task.tenant and run.task = task.id and run.state = 'open' and run.lease_until > $1
    )) order by id limit $3`;
  return (await tx.all<Row>(query, page.now, page.after, page.limit)).map(taskOf);
}

/** The needs of tasks that wait or run, each set once. */
export async function neededLabels(tx: Tx): Promise<readonly (readonly string[])[]> {
  const query = "select distinct needs from task where state in ('queued', 'running')";
  return (await tx.all<{ needs: string }>(query)).map(({ needs }) => fromJson(needs));
}

export interface NewestFilter {
  readonly tenant?: TenantId;
  readonly states?: readonly TaskState[];
  /** Only tasks submitted before this one. */
  readonly before?: TaskId;
  readonly limit: number;
}

/** Of every tenant or one, the last submitted first. */
export async function newestTasks(tx: Tx, filter: NewestFilter): Promise<Task[]> {
  const { tenant, states, before, limit } = filter;
  const { text, values } = conditions({ 'tenant =': tenant, 'id <': before });
  // States are our own words, written out so that an index over some of them can serve.
  const among = states === undefined ? '' : ` and state in (${states.map((state) => `'${state}'`).join(', ')})`;
  const query = `select ${COLUMNS} from task where ${text}${among} order by id desc limit $${values.length + 1}`;
  return (await tx.all<Row>(query, ...values, limit)).map(taskOf);
}

/** Of every tenant or one. */
export async function countTasks(tx: Tx, tenant?: TenantId): Promise<number> {
  const { text, values } = conditions({ 'tenant =': tenant });
  const [row] = await tx.all<{ n: number }>(`select count(*) as n from task where ${text}`, ...values);
  return row?.n ?? 0;
}

export interface TaskChange {
  readonly tenant: TenantId;
  readonly id: TaskId;
  /** The state that the caller saw. */
  readonly from: TaskState;
  readonly to: TaskState;
  readonly reasons: readonly Reason[];
  /** The run on whose behalf the caller acts: the change is refused when another worker has taken it over. */
  readonly run?: { readonly id: RunId; readonly epoch: number };
}

/** Moves a task on; false when its state is not the one seen, or the run is no longer the caller's. */
export async function changeTask(tx: Tx, change: TaskChange): Promise<boolean> {
  const { tenant, id, from, to, reasons, run } = change;
  if (!mayBecome(from, to)) throw new RangeError(`task ${id}: ${from} may not become ${to}`);
  const fence = run ? ' and exists (select 1 from run where run.id = $6 and run.epoch = $7)' : '';
  const changed = await tx.run(
    `update task set state = $1, reasons = $2 where tenant = $3 and id = $4 and state = $5${fence}`,
    to,
    sealed(tenant, toJson(reasons)),
    tenant,
    id,
    from,
    ...(run ? [run.id, run.epoch] : []),
  );
  return changed === 1;
}
