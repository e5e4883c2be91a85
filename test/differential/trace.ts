import type { ManualClock } from '#kernel/clock.ts';
import { type Random, seededRandom } from '#kernel/random.ts';
import { type SlotMs, slotMs, weight } from '#kernel/virtual-time.ts';
import type { TaskId, TenantId } from '#domain/ids.ts';
import type { ClaimedJob, JobQueue } from '#qos/ports.ts';

/** What a trace does to a queue, by weight of how often. */
const EVENTS = {
  enqueue: 400,
  claim: 250,
  settle: 170,
  charge: 60,
  requeue: 20,
  remove: 25,
  renew: 10,
  setWeight: 20,
  setServed: 25,
  expire: 10,
  position: 8,
  drain: 2,
} as const;
type Event = keyof typeof EVENTS;

const TENANTS = 12;
const LEASE = 60_000;

/** Plays `events` random events of one seed; the answers, in order. Two queues that agree give the same answers. */
export async function playTrace(
  queue: JobQueue,
  options: {
    readonly clock: ManualClock;
    readonly seed: number;
    readonly events: number;
  },
): Promise<string[]> {
  const trace = new Trace(queue, options.clock, seededRandom(options.seed));
  for (let i = 0; i < TENANTS; i++) await trace.happen('setWeight');
  for (let i = 0; i < options.events; i++) await trace.next();
  await trace.happen('drain');
  return trace.answers;
}

class Trace {
  readonly answers: string[] = [];
  readonly #queue: JobQueue;
  readonly #clock: ManualClock;
  readonly #random: Random;
  readonly #known = new Set<TenantId>();
  #running: ClaimedJob[] = [];
  #jobs = 0;

  constructor(queue: JobQueue, clock: ManualClock, random: Random) {
    this.#queue = queue;
    this.#clock = clock;
    this.#random = random;
  }

  async next(): Promise<void> {
    this.#clock.advance(this.#random.integer(200) - 20);
    let pick = this.#random.integer(Object.values(EVENTS).reduce((sum, n) => sum + n, 0));
    // The cast is true: the keys are those of the table above.
    for (const [event, often] of Object.entries(EVENTS) as [Event, number][]) {
      pick -= often;
      if (pick < 0) return this.happen(event);
    }
  }

  async happen(event: Event): Promise<void> {
    this.answers.push(`${event} ${String(await this.#does[event]())}`);
  }

  readonly #does: { readonly [event in Event]: () => Promise<unknown> } = {
    enqueue: async () => {
      const tenant = this.#tenant();
      const priority = this.#random.integer(4) === 0 ? 'hi' : 'lo';
      if (!this.#known.has(tenant)) return 'unknown';
      await this.#queue.enqueue({ id: this.#newJob(), tenant, priority, readyAt: this.#clock.now() });
      return tenant;
    },
    claim: async () => {
      const job = await this.#queue.claim({ owner: 'w', leaseMs: LEASE });
      if (job) this.#running.push(job);
      return job?.id;
    },
    settle: () => this.#withRunning((job) => this.#queue.settle(job, this.#cost())),
    charge: async () => {
      const job = this.#running[this.#random.integer(this.#running.length || 1)];
      return job && `${job.id} ${await this.#queue.charge(job, this.#cost())}`;
    },
    requeue: () => this.#withRunning((job) => this.#queue.requeue(job, this.#cost())),
    // The cast is true: these ids were made by #newJob.
    remove: () => this.#queue.remove(`j${this.#random.integer(this.#jobs || 1)}` as TaskId),
    renew: async () => {
      const job = this.#running[this.#random.integer(this.#running.length || 1)];
      return job && this.#queue.renew(job, LEASE);
    },
    setWeight: async () => {
      const tenant = this.#tenant();
      this.#known.add(tenant);
      const any = Math.max(0.01, this.#random.next() ** 3 * 50);
      await this.#queue.setWeight(tenant, weight(this.#ofAFew() ?? any));
      return tenant;
    },
    setServed: async () => {
      const tenant = this.#tenant();
      const served = (['all', 'all', 'hi', 'none'] as const)[this.#random.integer(4)] ?? 'all';
      if (this.#known.has(tenant)) await this.#queue.setServed(tenant, served);
      return `${tenant} ${served}`;
    },
    expire: async () => {
      if (this.#random.integer(3) === 0) this.#clock.advance(LEASE / 2);
      return (await this.#queue.expire()).join(' ');
    },
    position: async () => {
      // The cast is true: these ids were made by #newJob.
      const id = `j${this.#random.integer(this.#jobs || 1)}` as TaskId;
      return this.#queue.position(id);
    },
    drain: async () => {
      const order: string[] = [];
      for (;;) {
        const job = await this.#queue.claim({ owner: 'w', leaseMs: LEASE });
        if (!job) break;
        order.push(job.id);
        await this.#queue.settle(job, this.#cost());
      }
      return order.join(' ');
    },
  };

  /** A job that is believed to run, which leaves that belief; it may be fenced by now. */
  async #withRunning(act: (job: ClaimedJob) => Promise<boolean>): Promise<string | undefined> {
    const [job] = this.#running.splice(this.#random.integer(this.#running.length || 1), 1);
    return job && `${job.id} ${await act(job)}`;
  }

  #tenant(): TenantId {
    // The cast is true: these are the tenants of the trace.
    return `tenant-${this.#random.integer(TENANTS)}` as TenantId;
  }

  #newJob(): TaskId {
    // The cast is true: these are the jobs of the trace.
    return `j${this.#jobs++}` as TaskId;
  }

  /** From nothing to hours, most of them short, many of them alike. */
  #cost(): SlotMs {
    const any = Math.floor(this.#random.next() ** 6 * 20_000_000);
    return slotMs((this.#ofAFew() ?? 0) * 400 || any);
  }

  /** Half of the time 1, 2 or 3, so that tags come so near to each other that a different rounding shows. */
  #ofAFew(): number | undefined {
    return this.#random.integer(2) === 0 ? 1 + this.#random.integer(3) : undefined;
  }
}
