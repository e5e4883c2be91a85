import type { RunId, TaskId, TenantId } from '#domain/ids.ts';
import type { Hold, RunRecord } from '#journal/ports.ts';
import type { Millis } from '#kernel/clock.ts';
import type { Tx } from '#kernel/sql.ts';

type Row = {
  readonly id: RunId;
  readonly tenant: TenantId;
  readonly task: TaskId;
  readonly epoch: number;
  readonly owner: string;
  readonly lease_until: Millis;
  readonly state: RunRecord['state'];
  readonly started_at: Millis;
  readonly finished_at: Millis | null;
};

const COLUMNS = 'id, tenant, task, epoch, owner, lease_until, state, started_at, finished_at';
const HELD = `where id = $1 and epoch = $2 and state = 'open'`;

function runOf({ lease_until: leaseUntil, started_at: startedAt, finished_at: finishedAt, ...same }: Row): RunRecord {
  return { ...same, leaseUntil, startedAt, finishedAt };
}

export async function findOpenRun(tx: Tx, tenant: TenantId, task: TaskId): Promise<RunRecord | undefined> {
  const query = `select ${COLUMNS} from run where tenant = $1 and task = $2 and state = 'open'`;
  const [row] = await tx.all<Row>(query, tenant, task);
  return row && runOf(row);
}

/** Every run of a task, oldest first. */
export async function listRuns(tx: Tx, tenant: TenantId, task: TaskId): Promise<RunRecord[]> {
  const query = `select ${COLUMNS} from run where tenant = $1 and task = $2 order by started_at, id`;
  return (await tx.all<Row>(query, tenant, task)).map(runOf);
}

/** True when the run is on record as closed since before then; false also for one that is not on record. */
export async function wasClosed(tx: Tx, run: RunId, before: Millis): Promise<boolean> {
  const query = `select 1 as n from run where id = $1 and state = 'closed' and finished_at < $2`;
  return (await tx.all(query, run, before)).length > 0;
}

/** False also for a run that is not on record. */
export async function isRunOf(tx: Tx, run: RunId, tenant: TenantId): Promise<boolean> {
  return (await tx.all('select 1 as n from run where id = $1 and tenant = $2', run, tenant)).length > 0;
}

export async function addRun(tx: Tx, run: RunRecord): Promise<void> {
  await tx.run(
    `insert into run (${COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    run.id,
    run.tenant,
    run.task,
    run.epoch,
    run.owner,
    run.leaseUntil,
    run.state,
    run.startedAt,
    run.finishedAt,
  );
}

export async function takeOverRun(tx: Tx, id: RunId, lease: { owner: string; until: Millis }): Promise<void> {
  const text = 'update run set epoch = epoch + 1, owner = $2, lease_until = $3 where id = $1';
  await tx.run(text, id, lease.owner, lease.until);
}

export async function renewRun(tx: Tx, hold: Hold, leaseUntil: Millis): Promise<boolean> {
  return (await tx.run(`update run set lease_until = $3 ${HELD}`, hold.run, hold.epoch, leaseUntil)) === 1;
}

export async function closeRun(tx: Tx, hold: Hold, at: Millis): Promise<void> {
  await tx.run(`update run set state = 'closed', finished_at = $3 ${HELD}`, hold.run, hold.epoch, at);
}

/** Cancelled tasks whose run is open and held by nobody. */
export async function cancelledInOpenRuns(
  tx: Tx,
  now: Millis,
  limit: number,
): Promise<{ readonly tenant: TenantId; readonly task: TaskId }[]> {
  return tx.all(
    `select run.tenant, run.task from run join task on task.tenant = run.tenant and task.id = run.task
     where run.state = 'open' and run.lease_until <= $1 and task.state = 'cancelled' order by run.id limit $2`,
    now,
    limit,
  );
}
