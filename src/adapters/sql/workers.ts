import type { Wanted, WorkerRecord } from '#domain/worker.ts';
import type { Millis } from '#kernel/clock.ts';
import type { Tx } from '#kernel/sql.ts';
import { fromJson, toJson } from './json-column.ts';

type Row = {
  readonly owner: string;
  readonly host: string;
  readonly pid: number;
  readonly mark: string;
  readonly labels: string;
  readonly slots: number;
  readonly running: number;
  readonly wanted: Wanted;
  readonly started_at: Millis;
  readonly seen_at: Millis;
};

const COLUMNS = 'owner, host, pid, mark, labels, slots, running, wanted, started_at, seen_at';

/** A worker begins, or says again what it is after its row was lost; gives what is wanted of it. */
export async function announceWorker(tx: Tx, worker: WorkerRecord): Promise<Wanted> {
  const [row] = await tx.all<{ wanted: Wanted }>(
    `insert into worker (${COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     on conflict (owner) do update set running = excluded.running, seen_at = excluded.seen_at returning wanted`,
    worker.owner,
    worker.host,
    worker.pid,
    worker.mark,
    toJson(worker.labels),
    worker.slots,
    worker.running,
    worker.wanted,
    worker.startedAt,
    worker.seenAt,
  );
  if (row === undefined) throw new Error(`the row of worker ${worker.owner} is gone`);
  return row.wanted;
}

/** False when there is no such worker. */
export async function wantOfWorker(tx: Tx, owner: string, wanted: Wanted): Promise<boolean> {
  return (await tx.run('update worker set wanted = $2 where owner = $1', owner, wanted)) === 1;
}

export async function dismissWorker(tx: Tx, owner: string): Promise<void> {
  await tx.run('delete from worker where owner = $1', owner);
}

/** Forgets workers that gave no sign of life since then. */
export async function forgetWorkers(tx: Tx, unseenSince: Millis): Promise<void> {
  await tx.run('delete from worker where seen_at < $1', unseenSince);
}

/** Oldest first. */
export async function listWorkers(tx: Tx): Promise<readonly WorkerRecord[]> {
  const rows = await tx.all<Row>(`select ${COLUMNS} from worker order by started_at, owner`);
  return rows.map(({ labels, started_at: startedAt, seen_at: seenAt, ...same }) => ({
    ...same,
    labels: fromJson(labels),
    startedAt,
    seenAt,
  }));
}

/**
 * A worker whose process has ended for certain holds nothing any more: its runs, its place in the queue and its leases are
 * over now, as if they had passed. Others then find them as they find what has passed.
 */
export async function endWorker(tx: Tx, owner: string, now: Millis): Promise<void> {
  await tx.run(`update run set lease_until = $2 where owner = $1 and state = 'open' and lease_until > $2`, owner, now);
  await tx.run('update fair_job set lease_until = $2 where owner = $1 and lease_until > $2', owner, now - 1);
  await tx.run('delete from lease where owner = $1', owner);
  await dismissWorker(tx, owner);
}
