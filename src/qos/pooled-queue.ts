import type { SlotMs, Weight } from '#kernel/virtual-time.ts';
import type { TaskId, TenantId } from '#domain/ids.ts';
import { fits, poolOf } from './pool.ts';
import { QosError } from './errors.ts';
import type { ClaimedJob, JobQueue, QueuedJob, Served, TenantCount, TenantRemoval } from './ports.ts';

interface Claimed extends ClaimedJob {
  readonly pool: string;
}

/**
 * One job queue a pool: jobs that need the same labels, and so the same workers. Shares hold within each pool. A process
 * claims from the pools whose every label it has, those with most labels first.
 */
export class PooledQueue implements JobQueue {
  readonly #open: (pool: string) => JobQueue;
  readonly #labels: readonly string[];
  readonly #pools = new Map<string, JobQueue>();

  /** `open` gives the queue of a pool, '' being that of jobs that need nothing; `labels` are those of this process. */
  constructor(options: { readonly open: (pool: string) => JobQueue; readonly labels: readonly string[] }) {
    this.#open = options.open;
    this.#labels = options.labels;
    this.of('');
  }

  /** The queue of a pool, which is known from then on. */
  of(pool: string): JobQueue {
    const known = this.#pools.get(pool);
    if (known !== undefined) return known;
    const queue = this.#open(pool);
    this.#pools.set(pool, queue);
    return queue;
  }

  get pools(): ReadonlyMap<string, JobQueue> {
    return this.#pools;
  }

  async setWeight(tenant: TenantId, weight: Weight): Promise<void> {
    for (const queue of this.#pools.values()) await queue.setWeight(tenant, weight);
  }

  async setServed(tenant: TenantId, served: Served): Promise<void> {
    for (const queue of this.#pools.values()) await queue.setServed(tenant, served);
  }

  async removeTenant(tenant: TenantId): Promise<TenantRemoval> {
    const work = (await this.counts()).find((count) => count.tenant === tenant);
    if (work && work.waiting + work.running > 0) {
      return { kind: 'has_work', waiting: work.waiting, running: work.running };
    }
    for (const queue of this.#pools.values()) await queue.removeTenant(tenant);
    return { kind: 'removed' };
  }

  async enqueue(job: QueuedJob): Promise<void> {
    await this.of(poolOf(job.needs)).enqueue(job);
  }

  async claim(claim: { readonly owner: string; readonly leaseMs: number }): Promise<ClaimedJob | undefined> {
    for (const [pool, queue] of this.#served()) {
      const job = await queue.claim(claim);
      if (job === undefined) continue;
      const claimed: Claimed = { ...job, pool };
      return claimed;
    }
    return undefined;
  }

  async renew(job: ClaimedJob, leaseMs: number): Promise<boolean> {
    return this.#claimedFrom(job).renew(job, leaseMs);
  }

  async charge(job: ClaimedJob, cost: SlotMs): Promise<boolean> {
    return this.#claimedFrom(job).charge(job, cost);
  }

  async settle(job: ClaimedJob, cost: SlotMs): Promise<boolean> {
    return this.#claimedFrom(job).settle(job, cost);
  }

  async requeue(job: ClaimedJob, cost: SlotMs): Promise<boolean> {
    return this.#claimedFrom(job).requeue(job, cost);
  }

  async remove(id: TaskId): Promise<boolean> {
    for (const queue of this.#pools.values()) if (await queue.remove(id)) return true;
    return false;
  }

  async expire(): Promise<readonly TaskId[]> {
    const lost: TaskId[] = [];
    for (const queue of this.#pools.values()) lost.push(...(await queue.expire()));
    return lost;
  }

  async absent(ids: readonly TaskId[]): Promise<readonly TaskId[]> {
    let left = ids;
    for (const queue of this.#pools.values()) left = await queue.absent(left);
    return left;
  }

  async position(id: TaskId): Promise<number | undefined> {
    for (const queue of this.#pools.values()) {
      const place = await queue.position(id);
      if (place !== undefined) return place;
    }
    return undefined;
  }

  async counts(): Promise<readonly TenantCount[]> {
    const sums = new Map<TenantId, TenantCount>();
    for (const queue of this.#pools.values()) {
      for (const { tenant, waiting, running } of await queue.counts()) {
        const sum = sums.get(tenant);
        sums.set(tenant, { tenant, waiting: waiting + (sum?.waiting ?? 0), running: running + (sum?.running ?? 0) });
      }
    }
    return [...sums.values()].sort((a, b) => (a.tenant < b.tenant ? -1 : 1));
  }

  #served(): [string, JobQueue][] {
    return [...this.#pools].filter(([pool]) => fits(pool, this.#labels)).sort(([a], [b]) => b.length - a.length);
  }

  #claimedFrom(job: ClaimedJob): JobQueue {
    // The cast is true as a question: a job that claim() of another queue gave has no pool.
    const { pool } = job as Partial<Claimed>;
    if (pool === undefined) throw new QosError('HOLD_UNKNOWN', `job ${job.id} was not claimed here`);
    return this.of(pool);
  }
}
