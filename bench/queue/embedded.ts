import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqlFairQueue, openStore } from '#adapters/sql/index.ts';
import { millis, systemClock } from '#kernel/clock.ts';
import type { Sql } from '#kernel/sql.ts';
import { slotMs, weight } from '#kernel/virtual-time.ts';
import type { TaskId } from '#domain/ids.ts';
import type { JobQueue } from '#qos/ports.ts';

/** A queue on a real SQLite file in a temporary folder, with `n` tenants of one waiting job each. */
export async function withTenants<T>(n: number, body: (queue: JobQueue, sql: Sql) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), 'maestro-bench-queue-'));
  const store = await openStore({ engine: 'sqlite', path: join(dir, 'maestro.db') });
  try {
    await store.queue.tx(async (tx) => {
      for (let i = 0; i < n; i++) {
        await tx.run(
          `insert into fair_tenant (tenant, w, f, served, waiting_hi, waiting_lo, running, backlogged)
           values ($1, $2, 0, 'all', 0, 1, 0, 1)`,
          `t${i}`,
          weight(1 + (i % 4)),
        );
        await tx.run(
          'insert into fair_job (id, tenant, class, seq, ready_at, epoch) values ($1, $2, 1, 0, 0, 0)',
          `first${i}`,
          `t${i}`,
        );
      }
    });
    return await body(new SqlFairQueue({ sql: store.queue, clock: systemClock, estimate: slotMs(100) }), store.queue);
  } finally {
    await store.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Claims and settles `jobs` jobs one after another, each replaced by another of its tenant; claim + settle per second. */
export async function claimAndComplete(queue: JobQueue, jobs: number, round: number): Promise<number> {
  let spent = 0;
  for (let i = 0; i < jobs; i++) {
    const since = performance.now();
    const job = await queue.claim({ owner: 'bench', leaseMs: 60_000 });
    if (!job) throw new Error('the queue ran dry');
    await queue.settle(job, slotMs(50 + (i % 500)));
    spent += performance.now() - since;
    // The cast is true: these are the jobs of this bench.
    await queue.enqueue({ id: `j${round}-${i}` as TaskId, tenant: job.tenant, priority: 'lo', readyAt: millis(0) });
  }
  return (jobs / spent) * 1000;
}

/** Median time of one claim in microseconds. */
export async function claimMicros(queue: JobQueue, jobs: number, round: number): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < jobs; i++) {
    const since = performance.now();
    const job = await queue.claim({ owner: 'bench', leaseMs: 60_000 });
    times.push(performance.now() - since);
    if (!job) throw new Error('the queue ran dry');
    await queue.settle(job, slotMs(50 + (i % 500)));
    // The cast is true: these are the jobs of this bench.
    await queue.enqueue({ id: `c${round}-${i}` as TaskId, tenant: job.tenant, priority: 'lo', readyAt: millis(0) });
  }
  return (times.toSorted((a, b) => a - b)[times.length >> 1] ?? Number.NaN) * 1000;
}

/** The slow way to the same order: read all tenants and jobs, sort, take the first. Claims per second. */
export async function scanAndSort(sql: Sql, jobs: number): Promise<number> {
  const since = performance.now();
  for (let i = 0; i < jobs; i++) {
    const all = await sql.all<{ id: string; f: number }>(
      'select j.id, t.f from fair_job j join fair_tenant t on t.tenant = j.tenant where j.owner is null',
    );
    const [first] = all.toSorted((a, b) => a.f - b.f);
    if (!first) throw new Error('the queue ran dry');
    await sql.run(
      'update fair_tenant set f = f + 100 where tenant = (select tenant from fair_job where id = $1)',
      first.id,
    );
  }
  return (jobs / (performance.now() - since)) * 1000;
}
