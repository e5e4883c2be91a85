import { millis } from '#kernel/clock.ts';
import type { Random } from '#kernel/random.ts';
import { type SlotMs, type Weight, slotMs } from '#kernel/virtual-time.ts';
import type { TaskId, TenantId } from '#domain/ids.ts';
import { Heap } from '../heap.ts';
import type { QueuedJob } from '../ports.ts';
import { type SimTenant, arrivalGap, jobLength } from './workload.ts';

/** What is simulated: FairQueue, or another order to compare it with. */
export interface Scheduler {
  setWeight(tenant: TenantId, weight: Weight): void;
  enqueue(job: QueuedJob): unknown;
  dispatch(): QueuedJob | undefined;
  charge(id: TaskId, cost: SlotMs): unknown;
  settle(id: TaskId, cost: SlotMs): unknown;
}

export interface SimOptions {
  readonly tenants: readonly SimTenant[];
  readonly slots: number;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly untilMs: number;
  /** A running job reports its cost so far this often; absent: only at its end. */
  readonly chargeEveryMs?: number;
}

/** One job's way: times in simulated milliseconds. */
export interface SimRun {
  readonly tenant: TenantId;
  readonly arrivedAt: number;
  readonly startedAt: number;
  readonly endsAt: number;
}

/** Runs the tenants' jobs on the slots until `untilMs` in virtual time. One seed gives one outcome. Runs are in order of start. */
export function simulate(options: SimOptions): readonly SimRun[] {
  return new Simulation(options).run();
}

interface Event {
  readonly at: number;
  readonly seq: number;
  readonly happen: () => void;
}

interface Planned {
  readonly tenant: SimTenant;
  readonly length: SlotMs;
}

class Simulation {
  readonly #options: SimOptions;
  readonly #events = new Heap<Event>((a, b) => a.at - b.at || a.seq - b.seq);
  readonly #planned = new Map<TaskId, Planned>();
  readonly #runs: SimRun[] = [];
  #now = 0;
  #seq = 0;
  #free: number;

  constructor(options: SimOptions) {
    this.#options = options;
    this.#free = options.slots;
  }

  run(): readonly SimRun[] {
    this.#begin();
    this.#fillSlots();
    for (let next = this.#events.pop(); next && next.at <= this.#options.untilMs; next = this.#events.pop()) {
      this.#now = next.at;
      next.happen();
      this.#fillSlots();
    }
    return this.#runs;
  }

  #begin(): void {
    const { tenants, scheduler } = this.#options;
    let left: { tenant: SimTenant; jobs: number }[] = [];
    for (const tenant of tenants) {
      scheduler.setWeight(tenant.id, tenant.weight);
      if (tenant.arrivals.kind === 'poisson') this.#arriveAgain(tenant, tenant.arrivals.perHour);
      else left.push({ tenant, jobs: tenant.arrivals.jobs });
    }
    // Round by round, so that no order profits from whose jobs were written first.
    for (; left.length > 0; left = left.filter(({ jobs }) => jobs > 0)) {
      for (const backlog of left) {
        this.#arrive(backlog.tenant);
        backlog.jobs--;
      }
    }
  }

  #at(time: number, happen: () => void): void {
    this.#events.push({ at: time, seq: this.#seq++, happen });
  }

  #arrive(tenant: SimTenant): void {
    // The cast is true: the simulation is the only maker of these ids.
    const id = `${tenant.id}:${this.#seq++}` as TaskId;
    this.#planned.set(id, { tenant, length: jobLength(tenant, this.#options.random) });
    this.#options.scheduler.enqueue({ id, tenant: tenant.id, priority: 'lo', readyAt: millis(this.#now) });
  }

  #arriveAgain(tenant: SimTenant, perHour: number): void {
    this.#at(this.#now + arrivalGap(perHour, this.#options.random), () => {
      this.#arrive(tenant);
      this.#arriveAgain(tenant, perHour);
    });
  }

  #fillSlots(): void {
    while (this.#free > 0) {
      const job = this.#options.scheduler.dispatch();
      const planned = job && this.#planned.get(job.id);
      if (!planned) return;
      this.#start(job, planned);
    }
  }

  #start(job: QueuedJob, { tenant, length }: Planned): void {
    const { scheduler, chargeEveryMs } = this.#options;
    const run = { tenant: tenant.id, arrivedAt: job.readyAt, startedAt: this.#now, endsAt: this.#now + length };
    this.#runs.push(run);
    this.#free--;
    if (tenant.arrivals.kind === 'backlog') this.#arrive(tenant);
    if (chargeEveryMs !== undefined) this.#reportAfter(chargeEveryMs, job.id, run);
    this.#at(run.endsAt, () => {
      scheduler.settle(job.id, length);
      this.#planned.delete(job.id);
      this.#free++;
    });
  }

  #reportAfter(ms: number, id: TaskId, run: SimRun): void {
    const time = this.#now + ms;
    if (time >= run.endsAt) return;
    this.#at(time, () => {
      this.#options.scheduler.charge(id, slotMs(time - run.startedAt));
      this.#reportAfter(ms, id, run);
    });
  }
}
