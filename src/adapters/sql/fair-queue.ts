import { type Clock, millis } from '#kernel/clock.ts';
import type { Sql, Tx } from '#kernel/sql.ts';
import { MAX_SLOT_MS, type SlotMs, type Weight, slotMs } from '#kernel/virtual-time.ts';
import type { TaskId, TenantId } from '#domain/ids.ts';
import type { Priority } from '#domain/task.ts';
import {
  type ClaimedJob,
  type JobQueue,
  QosError,
  type QueuedJob,
  type Served,
  type TenantCount,
  type TenantRemoval,
} from '#qos/ports.ts';
import { ANY_BACKLOGGED, DISPATCHED, HEAD, MOVE, POSITION, TICK } from './fair-queue-statements.ts';

const CLASS = { hi: 0, lo: 1 } as const satisfies { [priority in Priority]: number };

/** A running job as far as its end concerns the tenant. */
type Ended = {
  readonly tenant: string;
  readonly class: number;
  readonly charged: number;
};

/** What changes for a tenant: jobs that wait, jobs that run, slot-milliseconds charged. */
interface Move {
  readonly priority?: Priority;
  readonly waiting?: 1 | -1;
  readonly running?: 1 | 0 | -1;
  readonly charge?: number;
}

/** The fair queue in SQL, for any number of processes. Each call is one short transaction, O(log T) but for `position` and `counts`. */
export class SqlFairQueue implements JobQueue {
  readonly #sql: Sql;
  readonly #clock: Clock;
  readonly #estimate: SlotMs;
  readonly #pool: string;

  /**
   * `estimate`: what a claim charges until more is known; at least 1, small against the jobs, the same in every process.
   * Each `pool` has an order of its own.
   */
  constructor(options: {
    readonly sql: Sql;
    readonly clock: Clock;
    readonly estimate: SlotMs;
    readonly pool?: string;
  }) {
    if (options.estimate < 1) throw new RangeError('a claim that charges nothing would give every slot to one tenant');
    this.#sql = options.sql;
    this.#clock = options.clock;
    this.#estimate = options.estimate;
    this.#pool = options.pool ?? '';
  }

  async setWeight(tenant: TenantId, weight: Weight): Promise<void> {
    await this.#sql.tx(async (tx) => {
      await tx.run('insert into fair_pool (pool, v) values ($1, 0) on conflict (pool) do nothing', this.#pool);
      await tx.run(
        `insert into fair_tenant (pool, tenant, w, f, served, waiting_hi, waiting_lo, running, backlogged)
         values ($3, $1, $2, 0, 'all', 0, 0, 0, 0) on conflict (pool, tenant) do update set w = excluded.w`,
        tenant,
        weight,
        this.#pool,
      );
    });
  }

  async setServed(tenant: TenantId, served: Served): Promise<void> {
    await this.#sql.tx(async (tx) => {
      await tx.run('update fair_tenant set served = $2 where tenant = $1 and pool = $3', tenant, served, this.#pool);
      await this.#move(tx, tenant, {});
    });
  }

  async removeTenant(tenant: TenantId): Promise<TenantRemoval> {
    return this.#sql.tx(async (tx) => {
      const [count] = await tx.all<{ waiting: number; running: number }>(
        'select waiting_hi + waiting_lo as waiting, running from fair_tenant where tenant = $1 and pool = $2',
        tenant,
        this.#pool,
      );
      if (count && count.waiting + count.running > 0) return { kind: 'has_work', ...count };
      await tx.run('delete from fair_tenant where tenant = $1 and pool = $2', tenant, this.#pool);
      return { kind: 'removed' };
    });
  }

  async enqueue(job: QueuedJob): Promise<void> {
    await this.#sql.tx(async (tx) => {
      const added = await tx.run(
        `insert into fair_job (id, tenant, class, seq, ready_at, epoch, pool) values ($1, $2, $3, $4, $5, 0, $6)
         on conflict (id) do nothing`,
        job.id,
        job.tenant,
        CLASS[job.priority],
        await tick(tx),
        job.readyAt,
        this.#pool,
      );
      if (added === 1) await this.#move(tx, job.tenant, { priority: job.priority, waiting: 1 });
    });
  }

  async claim(claim: { readonly owner: string; readonly leaseMs: number }): Promise<ClaimedJob | undefined> {
    // Looking first keeps idle workers from taking the write lock.
    if ((await this.#sql.all(ANY_BACKLOGGED, this.#pool)).length === 0) return undefined;
    return this.#sql.tx(async (tx) => {
      const epoch = await tick(tx);
      const [head] = await tx.all<{ id: string; tenant: string; class: number; ready_at: number }>(HEAD, this.#pool);
      if (!head) return undefined;
      const now = this.#clock.now();
      const leaseUntil = millis(now + claim.leaseMs);
      await tx.run(
        `update fair_job set epoch = $2, owner = $3, claimed_at = $4, lease_until = $5, charged = $6 where id = $1`,
        head.id,
        epoch,
        claim.owner,
        now,
        leaseUntil,
        this.#estimate,
      );
      await tx.run(DISPATCHED, head.tenant, this.#pool);
      const priority = priorityOf(head.class);
      await this.#move(tx, head.tenant, { priority, waiting: -1, running: 1, charge: this.#estimate });
      return {
        // The cast is true: it was stored from a QueuedJob.
        id: head.id as TaskId,
        // The cast is true: it was stored from a QueuedJob.
        tenant: head.tenant as TenantId,
        priority,
        readyAt: millis(head.ready_at),
        epoch,
        owner: claim.owner,
        leaseUntil,
      };
    });
  }

  async renew(job: ClaimedJob, leaseMs: number): Promise<boolean> {
    const renewed = await this.#sql.run(
      'update fair_job set lease_until = $3 where id = $1 and epoch = $2 and owner is not null',
      job.id,
      job.epoch,
      this.#clock.now() + leaseMs,
    );
    return renewed === 1;
  }

  async charge(job: ClaimedJob, cost: SlotMs): Promise<boolean> {
    return this.#sql.tx(async (tx) => {
      const [held] = await tx.all<Ended>(
        'select tenant, class, charged from fair_job where id = $1 and epoch = $2 and owner is not null',
        job.id,
        job.epoch,
      );
      if (!held) return false;
      if (cost > held.charged) {
        await tx.run('update fair_job set charged = $2 where id = $1', job.id, cost);
        await this.#move(tx, held.tenant, { charge: cost - held.charged });
      }
      return true;
    });
  }

  async settle(job: ClaimedJob, cost: SlotMs): Promise<boolean> {
    return this.#sql.tx(async (tx) => {
      const [ended] = await tx.all<Ended>(
        'delete from fair_job where id = $1 and epoch = $2 and owner is not null returning tenant, class, charged',
        job.id,
        job.epoch,
      );
      if (ended) await this.#move(tx, ended.tenant, { running: -1, charge: cost - ended.charged });
      return ended !== undefined;
    });
  }

  async requeue(job: ClaimedJob, cost: SlotMs): Promise<boolean> {
    return this.#sql.tx(async (tx) => {
      const [held] = await tx.all<Ended>(
        'select tenant, class, charged from fair_job where id = $1 and epoch = $2 and owner is not null',
        job.id,
        job.epoch,
      );
      if (held) await this.#putBack(tx, job.id, held, cost);
      return held !== undefined;
    });
  }

  /** An id is of one job in all pools: it is taken out and counted where it waits, also by a process new to that pool. */
  async remove(id: TaskId): Promise<boolean> {
    return this.#sql.tx(async (tx) => {
      const [gone] = await tx.all<{ tenant: string; class: number; pool: string }>(
        'delete from fair_job where id = $1 and owner is null returning tenant, class, pool',
        id,
      );
      if (gone) await this.#move(tx, gone.tenant, { priority: priorityOf(gone.class), waiting: -1 }, gone.pool);
      return gone !== undefined;
    });
  }

  async expire(): Promise<readonly TaskId[]> {
    const lost = `select id, tenant, class, charged, claimed_at, lease_until from fair_job
      where owner is not null and pool = $2 and lease_until < $1 order by lease_until, epoch`;
    const now = this.#clock.now();
    if ((await this.#sql.all(`${lost} limit 1`, now, this.#pool)).length === 0) return [];
    return this.#sql.tx(async (tx) => {
      const jobs = await tx.all<Ended & { id: string; claimed_at: number; lease_until: number }>(lost, now, this.#pool);
      for (const job of jobs) {
        const heldFor = Math.min(MAX_SLOT_MS, job.lease_until - job.claimed_at);
        await this.#putBack(tx, job.id, job, slotMs(Math.max(job.charged, heldFor)));
      }
      // The cast is true: it was stored from a QueuedJob.
      return jobs.map(({ id }) => id as TaskId);
    });
  }

  /** As for `remove`: those that are in no pool at all. */
  async absent(ids: readonly TaskId[]): Promise<readonly TaskId[]> {
    if (ids.length === 0) return [];
    const places = ids.map((_, n) => `$${n + 1}`).join(', ');
    const found = await this.#sql.all<{ id: string }>(`select id from fair_job where id in (${places})`, ...ids);
    const here = new Set(found.map(({ id }) => id));
    return ids.filter((id) => !here.has(id));
  }

  async position(id: TaskId): Promise<number | undefined> {
    const [row] = await this.#sql.all<{ place: number }>(POSITION, id, this.#estimate, this.#pool);
    return row?.place;
  }

  async counts(): Promise<readonly TenantCount[]> {
    const rows = await this.#sql.all<{ tenant: string; waiting: number; running: number }>(
      'select tenant, waiting_hi + waiting_lo as waiting, running from fair_tenant where pool = $1 order by tenant',
      this.#pool,
    );
    // The cast is true: it was stored from a TenantId.
    return rows.map((row) => ({ ...row, tenant: row.tenant as TenantId }));
  }
  async #putBack(tx: Tx, id: string, held: Ended, cost: SlotMs): Promise<void> {
    await tx.run(
      'update fair_job set owner = null, claimed_at = null, lease_until = null, charged = null where id = $1',
      id,
    );
    await this.#move(tx, held.tenant, {
      priority: priorityOf(held.class),
      waiting: 1,
      running: -1,
      charge: cost - held.charged,
    });
  }

  async #move(tx: Tx, tenant: string, move: Move, pool = this.#pool): Promise<void> {
    const { priority, waiting = 1, running = 0, charge = 0 } = move;
    const hi = priority === 'hi' ? waiting : 0;
    const lo = priority === 'lo' ? waiting : 0;
    const moved = await tx.run(MOVE, tenant, hi, lo, running, charge, pool);
    if (moved === 0) throw new QosError('TENANT_UNKNOWN', `the queue knows no tenant ${tenant}`, { tenant });
  }
}

function priorityOf(stored: number): Priority {
  return stored === CLASS.hi ? 'hi' : 'lo';
}

async function tick(tx: Tx): Promise<number> {
  const [clock] = await tx.all<{ ticks: number }>(TICK);
  if (!clock) throw new Error('the row of fair_clock is gone');
  return clock.ticks;
}
