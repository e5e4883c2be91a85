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
import { FairBackendError } from './errors.ts';

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

function queueClass(estimateMs: number) {
  return withBackend(createFairBackend({ estimateMs })).Queue<QueuedData>;
}

export interface BullmqQueueOptions {
  readonly connection: ConnectionOptions;
  /** Of the queue in Redis; BullMQ's tools find it by prefix and name. */
  readonly name: string;
  readonly prefix?: string;
  readonly clock: Clock;
  /** What a claim charges until more is known; at least 1, small against the jobs, the same in every process. */
  readonly estimate: SlotMs;
}

/**
 * The fair queue in Redis, as a queue of BullMQ: its jobs are BullMQ's, so dashboards see them. Order only: what Redis
 * loses is enqueued again from SQL.
 */
export class BullmqQueue implements JobQueue {
  readonly #queue: InstanceType<ReturnType<typeof queueClass>>;
  readonly #clock: Clock;

  constructor({ connection, name, prefix = 'bull', clock, estimate }: BullmqQueueOptions) {
    if (estimate < 1) throw new RangeError('a claim that charges nothing would give every slot to one tenant');
    const Queue = queueClass(estimate);
    this.#queue = new Queue(name, { connection, prefix });
    this.#clock = clock;
    // Whoever calls gets the fault; without a listener it would end the process.
    this.#queue.on('error', () => undefined);
  }

  /** Rejects when Redis is not there, or is not fit. */
  async ready(): Promise<void> {
    const failed = new Promise<never>((_, reject) => this.#queue.once('error', reject));
    await Promise.race([this.#fair.client, failed]);
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

  async absent(ids: readonly TaskId[]): Promise<readonly TaskId[]> {
    if (ids.length === 0) return [];
    // The cast is true: pull.absent gives some of the ids that it was given.
    return (await this.#fair.pull('pullAbsent', ...ids)) as TaskId[];
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

/** The queues of all pools on one Redis: BullMQ's queue NAME, and NAME-<pool> for each that needs labels. */
export class BullmqQueues {
  readonly #options: BullmqQueueOptions;
  readonly #open = new Map<string, BullmqQueue>();

  private constructor(options: BullmqQueueOptions) {
    this.#options = options;
  }

  /** Throws REDIS_UNREACHABLE, REDIS_EVICTS, REDIS_NO_SCRIPTS. */
  static async connect(url: string, options: Omit<BullmqQueueOptions, 'connection'>): Promise<BullmqQueues> {
    const connection = {
      url,
      connectTimeout: 5000,
      // A call waits for one new connection and then fails: its caller tries again, or housekeeping does.
      maxRetriesPerRequest: 1,
      retryStrategy: (times: number) => Math.min(times * 200, 2000),
    };
    const queues = new BullmqQueues({ ...options, connection });
    try {
      await queues.open('').ready();
    } catch (cause) {
      await queues.close().catch(() => undefined);
      if (cause instanceof FairBackendError) throw cause;
      const said = cause instanceof Error ? cause.message || String(cause) : String(cause);
      throw new FairBackendError('REDIS_UNREACHABLE', `no Redis at ${new URL(url).host}: ${said}`, { cause });
    }
    return queues;
  }

  /** The same queue each time; '' is the pool of jobs that need nothing. */
  open(pool: string): BullmqQueue {
    const known = this.#open.get(pool);
    if (known !== undefined) return known;
    const { name } = this.#options;
    const queue = new BullmqQueue({ ...this.#options, name: pool === '' ? name : `${name}-${pool}` });
    this.#open.set(pool, queue);
    return queue;
  }

  async close(): Promise<void> {
    for (const queue of this.#open.values()) await queue.close();
  }
}
