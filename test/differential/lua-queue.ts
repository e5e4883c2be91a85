import type { Redis } from 'ioredis';
import { libraryFor } from '#adapters/bullmq/fuse.ts';
import { type Clock, type Millis, millis } from '#kernel/clock.ts';
import type { SlotMs, Weight } from '#kernel/virtual-time.ts';
import type { TaskId, TenantId } from '#domain/ids.ts';
import {
  type ClaimedJob,
  type JobQueue,
  QosError,
  type QueuedJob,
  type Served,
  type TenantRemoval,
} from '#qos/ports.ts';

const PREFIX = 'bull:differential:';
const CLASS = 2 ** 32;

/** The Lua of the BullMQ backend as a job queue, without BullMQ around them: leases and epochs are kept here. */
export class LuaQueue implements JobQueue {
  readonly #client: Redis;
  readonly #clock: Clock;
  readonly #library: string;
  readonly #jobs = new Map<TaskId, { job: QueuedJob; score: number }>();
  readonly #leases = new Map<TaskId, { epoch: number; since: Millis; until: Millis }>();
  #ticks = 0;

  constructor(options: { readonly client: Redis; readonly clock: Clock; readonly estimate: SlotMs }) {
    this.#client = options.client;
    this.#clock = options.clock;
    this.#library = libraryFor({ tenantField: 'tenant', estimateMicros: options.estimate * 1000 });
  }

  async setWeight(tenant: TenantId, weight: Weight): Promise<void> {
    await this.#run('lines().weigh(ARGV[1], tonumber(ARGV[2]))', tenant, weight);
  }

  async setServed(tenant: TenantId, served: Served): Promise<void> {
    await this.#run('lines().serve(ARGV[1], ARGV[2] == "all")', tenant, served);
  }

  async removeTenant(): Promise<TenantRemoval> {
    throw new Error('not part of a trace');
  }

  async enqueue(job: QueuedJob): Promise<void> {
    if (this.#jobs.has(job.id)) return;
    if ((await this.#client.hexists(`${PREFIX}fair:w`, job.tenant)) === 0)
      throw new QosError('TENANT_UNKNOWN', job.tenant);
    const score = (job.priority === 'hi' ? 1 : 2) * CLASS + ++this.#ticks;
    this.#jobs.set(job.id, { job, score });
    await this.#client.hset(PREFIX + job.id, 'data', JSON.stringify({ tenant: job.tenant }));
    await this.#run('lines().park(ARGV[1], tonumber(ARGV[2]), ARGV[3])', job.id, score, job.tenant);
  }

  async claim(claim: { readonly owner: string; readonly leaseMs: number }): Promise<ClaimedJob | undefined> {
    const id = await this.#run(
      `local id = take(prefix .. "prioritized", prefix .. "active")
       if id then rcall("HSET", prefix .. id, "fair", begun) end
       return id`,
    );
    // The cast is true: park was given task ids only.
    const entry = this.#jobs.get(id as TaskId);
    if (!entry) return undefined;
    const since = this.#clock.now();
    const lease = { epoch: ++this.#ticks, since, until: millis(since + claim.leaseMs) };
    this.#leases.set(entry.job.id, lease);
    return { ...entry.job, epoch: lease.epoch, owner: claim.owner, leaseUntil: lease.until };
  }

  async renew(job: ClaimedJob, leaseMs: number): Promise<boolean> {
    const lease = this.#held(job);
    if (lease) lease.until = millis(this.#clock.now() + leaseMs);
    return lease !== undefined;
  }

  async charge(job: ClaimedJob, cost: SlotMs): Promise<boolean> {
    if (!this.#held(job)) return false;
    await this.#run('lines().charge(ARGV[1], tonumber(ARGV[2]))', job.id, cost * 1000);
    return true;
  }

  async settle(job: ClaimedJob, cost: SlotMs): Promise<boolean> {
    if (!this.#held(job)) return false;
    this.#leases.delete(job.id);
    this.#jobs.delete(job.id);
    await this.#run('endedJob(ARGV[1], tonumber(ARGV[2]))', job.id, cost * 1000);
    return true;
  }

  async requeue(job: ClaimedJob, cost: SlotMs): Promise<boolean> {
    if (!this.#held(job)) return false;
    await this.#backInLine(job.id, cost);
    return true;
  }

  async remove(id: TaskId): Promise<boolean> {
    const entry = this.#jobs.get(id);
    if (!entry || this.#leases.has(id)) return false;
    this.#jobs.delete(id);
    await this.#run(
      'rcall("ZREM", prefix .. "prioritized", ARGV[1]) lines().unpark(ARGV[1], ARGV[2])',
      id,
      entry.job.tenant,
    );
    return true;
  }

  async expire(): Promise<readonly TaskId[]> {
    const lost = [...this.#leases]
      .filter(([, { until }]) => until < this.#clock.now())
      .sort(([, a], [, b]) => a.until - b.until || a.epoch - b.epoch);
    for (const [id, { since, until }] of lost) {
      const charged = await this.#run('return string.match(rcall("HGET", prefix .. ARGV[1], "fair"), "|(%d+)|")', id);
      await this.#backInLine(id, Math.max(Number(charged) / 1000, until - since));
    }
    return lost.map(([id]) => id);
  }

  async position(): Promise<undefined> {
    throw new Error('not part of a plain trace');
  }

  async counts(): Promise<readonly []> {
    throw new Error('not part of a trace');
  }

  async #backInLine(id: TaskId, cost: number): Promise<void> {
    this.#leases.delete(id);
    const score = this.#jobs.get(id)?.score ?? Number.NaN;
    await this.#run(
      'endedJob(ARGV[1], tonumber(ARGV[2])) lines().park(ARGV[1], tonumber(ARGV[3]), ARGV[4])',
      id,
      cost * 1000,
      score,
      this.#jobs.get(id)?.job.tenant ?? '',
    );
  }

  #held(job: ClaimedJob): { since: Millis; until: Millis } | undefined {
    const lease = this.#leases.get(job.id);
    return lease?.epoch === job.epoch ? lease : undefined;
  }

  async #run(lua: string, ...values: (string | number)[]): Promise<unknown> {
    return this.#client.eval(`${this.#library}\nuse(KEYS[1])\n${lua}`, 1, PREFIX, ...values);
  }
}
