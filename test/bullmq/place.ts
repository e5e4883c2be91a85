import { setTimeout as pause } from 'node:timers/promises';
import { type Processor, type WorkerOptions, withBackend } from 'bullmq';
import { createFairBackend, type FairOptions } from '#adapters/bullmq/fair.ts';
import type { TestRedis } from '../engines/redis.ts';

/** What the jobs of these tests carry. */
export interface Work {
  readonly tenant: string;
  readonly n: number;
}

type Fair = ReturnType<typeof fairClasses>;
function fairClasses(options: FairOptions) {
  return withBackend(createFairBackend(options));
}

let queues = 0;

/** One queue of its own on a real Redis, with stock classes over the fair backend; everything opened is closed by `close`. */
export class Place {
  readonly name = `q${queues++}`;
  readonly connection: { readonly host: string; readonly port: number };
  readonly classes: Fair;
  readonly queue: ReturnType<Place['another']>;
  readonly #open: { close(): Promise<unknown> }[] = [];

  constructor(redis: TestRedis, options: FairOptions = {}) {
    this.connection = { host: redis.host, port: redis.port };
    this.classes = fairClasses(options);
    this.queue = this.another(this.name);
  }

  get fair() {
    return this.queue.getBackend();
  }

  another(name: string) {
    return this.closing(new this.classes.Queue<Work>(name, { connection: this.connection }));
  }

  worker(processor: Processor<Work>, options: Partial<WorkerOptions> = {}, name = this.name) {
    const worker = new this.classes.Worker<Work>(name, processor, { connection: this.connection, ...options });
    worker.on('error', (error) => console.log(`worker of ${name}:`, error));
    return this.closing(worker);
  }

  add(tenant: string, n: number, options = {}) {
    return this.queue.addBulk(
      Array.from({ length: n }, (_, i) => ({ name: 'work', data: { tenant, n: i }, opts: options })),
    );
  }

  closing<T extends { close(): Promise<unknown> }>(thing: T): T {
    this.#open.push(thing);
    return thing;
  }

  async close(): Promise<void> {
    for (const thing of this.#open.splice(0).reverse()) await thing.close();
  }
}

/** Waits until the condition holds; throws after `ms`. */
export async function until(what: string, condition: () => boolean | Promise<boolean>, ms = 20_000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await pause(10);
  }
}
