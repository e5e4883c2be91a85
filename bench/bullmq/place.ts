import { type Job, type Processor, Queue, Worker, withBackend } from 'bullmq';
import { FairQueueBackend, createFairBackend } from '#adapters/bullmq/fair.ts';
import type { TestRedis } from '../../test/engines/redis.ts';

/** Stock classes, over BullMQ's own backend or over the fair one. */
export const KINDS = ['plain', 'fair'] as const;
export type Kind = (typeof KINDS)[number];

export interface BenchJob {
  readonly tenant: string;
}

/** As much of a worker of either kind as a bench asks for. */
export interface Completes {
  on(event: 'completed', listener: (job: Job<BenchJob>) => void): unknown;
}

let queues = 0;

/** A queue and a worker of one kind on one Redis. */
export class BenchPlace {
  readonly name = `bench${queues++}`;
  readonly connection: { readonly host: string; readonly port: number };
  readonly queue: Queue<BenchJob> | ReturnType<typeof fairQueue>;
  readonly #kind: Kind;
  readonly #open: { close(): Promise<unknown> }[] = [];

  constructor(redis: TestRedis, kind: Kind) {
    this.connection = { host: redis.host, port: redis.port };
    this.#kind = kind;
    const options = { connection: this.connection, defaultJobOptions: { removeOnComplete: true } };
    this.queue = kind === 'fair' ? fairQueue(this.name, options) : new Queue<BenchJob>(this.name, options);
    this.#open.push(this.queue);
  }

  async fill(jobs: number, tenants: number): Promise<void> {
    for (let from = 0; from < jobs; from += 1000) {
      const some = Array.from({ length: Math.min(1000, jobs - from) }, (_, i) => ({
        name: 'job',
        data: { tenant: `t${(from + i) % tenants}` },
      }));
      await this.queue.addBulk(some);
    }
  }

  /** Plain BullMQ has no weights. */
  async setWeight(tenant: string, weight: number): Promise<void> {
    const backend = this.queue.getBackend();
    if (backend instanceof FairQueueBackend) await backend.setWeight(tenant, weight);
  }

  worker(processor: Processor<BenchJob>, concurrency: number): Completes {
    const options = { connection: this.connection, concurrency };
    const worker =
      this.#kind === 'fair'
        ? new fairClasses.Worker<BenchJob>(this.name, processor, options)
        : new Worker<BenchJob>(this.name, processor, options);
    this.#open.push(worker);
    return worker;
  }

  /** Ends connections, and leaves in Redis what is there. */
  async abandon(): Promise<void> {
    for (const thing of this.#open.toReversed()) await thing.close();
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.slice(1).map((worker) => worker.close()));
    await this.queue.obliterate({ force: true });
    await this.queue.close();
  }
}

const fairClasses = withBackend(createFairBackend());

function fairQueue(name: string, options: ConstructorParameters<typeof fairClasses.Queue>[1]) {
  return new fairClasses.Queue<BenchJob>(name, options);
}
