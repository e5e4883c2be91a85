import { type ConnectionOptions, withBackend } from 'bullmq';
import type { Clock } from '#kernel/clock.ts';
import { millis } from '#kernel/clock.ts';
import type { SlotMs, Weight } from '#kernel/virtual-time.ts';
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
import { createFairBackend, type FairQueueBackend } from './backend.ts';

/** BullMQ's priority numbers: the lesser is the more urgent. */
const CLASS = { hi: 1, lo: 2 } as const satisfies { [priority in Priority]: number };
const SERVED: { readonly [served in Served]: boolean | number } = { all: true, hi: CLASS.hi, none: false };
const MICROS = 1000;

/** What a job of the queue carries. */
interface QueuedData {
  readonly tenant: TenantId;
  readonly priority: Priority;
  readonly readyAt: number;
}

const Fair = withBackend(createFairBackend());
type FairQueue = InstanceType<typeof Fair.Queue<QueuedData>>;

export interface BullmqQueueOptions {
  readonly connection: ConnectionOptions;
  /** Of the queue in Redis; BullMQ's tools find it by this name. */
  readonly name: string;
  readonly clock: Clock;
  /** What a claim charges until more is known; at least 1, small against the jobs, the same in every process. */
  readonly estimate: SlotMs;
}

/**
 * The fair queue in Redis, as a queue of BullMQ: its jobs are BullMQ's, so dashboards see them. Order only: what Redis
 * loses is enqueued again from SQL.
 */
export class BullmqQueue implements JobQueue {
  readonly #queue: FairQueue;
  readonly #clock: Clock;

  constructor({ connection, name, clock, estimate }: BullmqQueueOptions) {
    if (estimate < 1) throw new RangeError('a claim that charges nothing would give every slot to one tenant');
    const { Queue } = withBackend(createFairBackend({ estimateMs: estimate }));
    this.#queue = new Queue<QueuedData>(name, { connection });
    this.#clock = clock;
    // Whoever calls gets the fault; without a listener it would end the process.
    this.#queue.on('error', () => undefined);
  }

  async setWeight(tenant: TenantId, weight: Weight): Promise<void> {
    await this.#fair.setWeight(tenant, weight / 100);
  }

  async setServed(tenant: TenantId, served: Served): Promise<void> {
    await this.#fair.setServed(tenant, SERVED[served]);
  }

  async removeTenant(tenant: TenantId): Promise<TenantRemoval> {
    // The cast is true: pull.removeTenant gives two numbers.
    const [waiting, running] = (await this.#fair.pull('pullRemoveTenant', tenant)) as [number, number];
    return waiting + running > 0 ? { kind: 'has_work', waiting, running } : { kind: 'removed' };
  }

  async enqueue({ id, tenant, priority, readyAt }: QueuedJob): Promise<void> {
    const client = await this.#fair.client;
    const known = await client.hmget(this.#fair.toKey('fair:w'), tenant);
    if (known[0] === null) throw new QosError('TENANT_UNKNOWN', `the queue knows no tenant ${tenant}`, { tenant });
    await this.#queue.add('task', { tenant, priority, readyAt }, { jobId: id, priority: CLASS[priority] });
  }

  async claim(claim: { readonly owner: string; readonly leaseMs: number }): Promise<ClaimedJob | undefined> {
    const now = this.#clock.now();
    const leaseUntil = millis(now + claim.leaseMs);
    // The cast is true: this is what pull.claim gives.
    const claimed = (await this.#fair.pull('pullClaim', now, leaseUntil)) as [TaskId, string, string] | null;
    if (claimed === null) return undefined;
    const [id, epoch, data] = claimed;
    // The cast is true: enqueue wrote it.
    const { tenant, priority, readyAt } = JSON.parse(data) as QueuedData;
    return { id, tenant, priority, readyAt: millis(readyAt), epoch: Number(epoch), owner: claim.owner, leaseUntil };
  }

  async renew(job: ClaimedJob, leaseMs: number): Promise<boolean> {
    return this.#held('pullRenew', job, this.#clock.now() + leaseMs);
  }

  async charge(job: ClaimedJob, cost: SlotMs): Promise<boolean> {
    return this.#held('pullCharge', job, cost * MICROS);
  }

  async settle(job: ClaimedJob, cost: SlotMs): Promise<boolean> {
    return this.#held('pullSettle', job, cost * MICROS);
  }

  async requeue(job: ClaimedJob, cost: SlotMs): Promise<boolean> {
    return this.#held('pullRequeue', job, cost * MICROS);
  }

  async remove(id: TaskId): Promise<boolean> {
    return (await this.#fair.pull('pullRemove', id)) === 1;
  }

  async expire(): Promise<readonly TaskId[]> {
    // The cast is true: this is what pull.expire gives.
    return (await this.#fair.pull('pullExpire', this.#clock.now())) as TaskId[];
  }

  async position(id: TaskId): Promise<number | undefined> {
    // The cast is true: this is what pull.position gives.
    return ((await this.#fair.pull('pullPosition', id)) as number | null) ?? undefined;
  }

  async counts(): Promise<readonly TenantCount[]> {
    const tenants = await this.#fair.tenants();
    // The cast is true: setWeight and enqueue take tenant ids only.
    return tenants.map(({ tenant, waiting, running }) => ({ tenant: tenant as TenantId, waiting, running }));
  }

  async close(): Promise<void> {
    await this.#queue.close();
  }

  get #fair(): FairQueueBackend {
    return this.#queue.getBackend();
  }

  async #held(script: 'pullRenew' | 'pullCharge' | 'pullSettle' | 'pullRequeue', job: ClaimedJob, value: number) {
    return (await this.#fair.pull(script, job.id, job.epoch, value)) === 1;
  }
}
