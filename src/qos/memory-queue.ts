import { type Clock, type Millis, millis } from '#kernel/clock.ts';
import { type SlotMs, type Weight, slotMs } from '#kernel/virtual-time.ts';
import type { TaskId, TenantId } from '#domain/ids.ts';
import { FairQueue } from './fair-queue.ts';
import type { ClaimedJob, JobQueue, QueuedJob, Served, TenantCount, TenantRemoval } from './ports.ts';

interface Lease {
  readonly job: ClaimedJob;
  readonly since: Millis;
  until: Millis;
}

/** The job queue of one process: order from FairQueue, leases beside it. Nothing outlives the process. */
export class MemoryQueue implements JobQueue {
  readonly #order: FairQueue;
  readonly #clock: Clock;
  readonly #leases = new Map<TaskId, Lease>();
  #epoch = 0;

  constructor(options: { readonly clock: Clock; readonly estimate: SlotMs }) {
    this.#clock = options.clock;
    this.#order = new FairQueue(options);
  }

  async setWeight(tenant: TenantId, weight: Weight): Promise<void> {
    this.#order.setWeight(tenant, weight);
  }

  async setServed(tenant: TenantId, served: Served): Promise<void> {
    this.#order.setServed(tenant, served);
  }

  async removeTenant(tenant: TenantId): Promise<TenantRemoval> {
    return this.#order.removeTenant(tenant);
  }

  async enqueue(job: QueuedJob): Promise<void> {
    this.#order.enqueue(job);
  }

  async claim(claim: { readonly owner: string; readonly leaseMs: number }): Promise<ClaimedJob | undefined> {
    const next = this.#order.dispatch();
    if (!next) return undefined;
    const since = this.#clock.now();
    const until = millis(since + claim.leaseMs);
    const job = { ...next, epoch: ++this.#epoch, owner: claim.owner, leaseUntil: until };
    this.#leases.set(job.id, { job, since, until });
    return job;
  }

  async renew(job: ClaimedJob, leaseMs: number): Promise<boolean> {
    const lease = this.#held(job);
    if (lease) lease.until = millis(this.#clock.now() + leaseMs);
    return lease !== undefined;
  }

  async charge(job: ClaimedJob, cost: SlotMs): Promise<boolean> {
    return this.#held(job) !== undefined && this.#order.charge(job.id, cost);
  }

  async settle(job: ClaimedJob, cost: SlotMs): Promise<boolean> {
    return this.#held(job) !== undefined && this.#leases.delete(job.id) && this.#order.settle(job.id, cost);
  }

  async requeue(job: ClaimedJob, cost: SlotMs): Promise<boolean> {
    return this.#held(job) !== undefined && this.#leases.delete(job.id) && this.#order.requeue(job.id, cost);
  }

  async remove(id: TaskId): Promise<boolean> {
    return this.#order.remove(id);
  }

  async expire(): Promise<readonly TaskId[]> {
    const now = this.#clock.now();
    const lost = [...this.#leases.values()]
      .filter((lease) => lease.until < now)
      .sort((a, b) => a.until - b.until || a.job.epoch - b.job.epoch);
    for (const { job, since, until } of lost) {
      this.#leases.delete(job.id);
      this.#order.requeue(job.id, slotMs(Math.max(this.#order.charged(job.id) ?? 0, until - since)));
    }
    return lost.map(({ job }) => job.id);
  }

  async absent(ids: readonly TaskId[]): Promise<readonly TaskId[]> {
    return ids.filter((id) => !this.#order.has(id));
  }

  async position(id: TaskId): Promise<number | undefined> {
    return this.#order.position(id);
  }

  async counts(): Promise<readonly TenantCount[]> {
    return this.#order.counts();
  }

  #held(job: ClaimedJob): Lease | undefined {
    const lease = this.#leases.get(job.id);
    return lease?.job.epoch === job.epoch ? lease : undefined;
  }
}
