import { millis } from '#kernel/clock.ts';
import type { Random } from '#kernel/random.ts';
import { type SlotMs, type Weight, slotMs } from '#kernel/virtual-time.ts';
import type { TaskId, TenantId } from '#domain/ids.ts';
import { Heap } from '../heap.ts';
import type { AtBoundary } from '../preemption.ts';
import type { QueuedJob } from '../ports.ts';
import { type SimTenant, arrivalGap, jobLength } from './workload.ts';

/** What is simulated: FairQueue, or another order to compare it with. */
export interface Scheduler {
  setWeight(tenant: TenantId, weight: Weight): void;
  enqueue(job: QueuedJob): unknown;
  dispatch(): QueuedJob | undefined;
  charge(id: TaskId, cost: SlotMs): unknown;
  settle(id: TaskId, cost: SlotMs): unknown;
  /** Only asked for where jobs give way. */
  requeue?(id: TaskId, cost: SlotMs): unknown;
}

/** What acts beside the queue: preemption and error-budget policy. Times in simulated milliseconds. */
export interface Governor {
  /** How often it looks. */
  readonly everyMs: number;
  ready(job: QueuedJob, now: number): void;
  started(job: QueuedJob, now: number): void;
  /** The job leaves its slot, for good or to come back. */
  stopped(job: QueuedJob, now: number): void;
  /** Whether the job gives its slot back at this step boundary; then it is requeued. */
  givesWay(job: AtBoundary, now: number): boolean;
  look(now: number): void;
}

export interface SimOptions {
  readonly tenants: readonly SimTenant[];
  readonly slots: number;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly untilMs: number;
  /** Length of a step: at its end a running job reports its cost so far, and may give way; absent: only at its own end. */
  readonly stepMs?: number;
  /** What it costs a preempted job to go on from its checkpoint. */
  readonly resumeMs?: number;
  readonly governor?: Governor;
}

/** One stay of one job in a slot: times in simulated milliseconds. A preempted job has several. */
export interface SimRun {
  readonly task: TaskId;
  readonly tenant: TenantId;
  /** When it arrived, or gave way. */
  readonly arrivedAt: number;
  readonly startedAt: number;
  readonly endsAt: number;
  /** How often it had given way before. */
  readonly preemptions: number;
  /** Part of the stay that was spent on coming back. */
  readonly wastedMs: number;
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

/** A job that has not ended: what is left of it, and how often it gave way. */
interface Planned {
  readonly tenant: SimTenant;
  leftMs: number;
  readyAt: number;
  preemptions: number;
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
    const { tenants, scheduler, governor } = this.#options;
    let left: { tenant: SimTenant; jobs: number }[] = [];
    for (const tenant of tenants) {
      scheduler.setWeight(tenant.id, tenant.weight);
      const { arrivals, fromMs = 0 } = tenant;
      if (arrivals.kind === 'poisson') this.#at(fromMs, () => this.#arriveAgain(tenant, arrivals.perHour));
      else if (fromMs === 0) left.push({ tenant, jobs: arrivals.jobs });
      else this.#at(fromMs, () => this.#flood(tenant, arrivals.jobs));
    }
    // Round by round, so that no order profits from whose jobs were written first.
    for (; left.length > 0; left = left.filter(({ jobs }) => jobs > 0)) {
      for (const backlog of left) {
        this.#arrive(backlog.tenant);
        backlog.jobs--;
      }
    }
    if (governor) this.#lookAgain(governor);
  }

  #flood(tenant: SimTenant, jobs: number): void {
    for (let i = 0; i < jobs; i++) this.#arrive(tenant);
  }

  #at(time: number, happen: () => void): void {
    this.#events.push({ at: time, seq: this.#seq++, happen });
  }

  #lookAgain(governor: Governor): void {
    this.#at(this.#now + governor.everyMs, () => {
      governor.look(this.#now);
      this.#lookAgain(governor);
    });
  }

  #arrive(tenant: SimTenant): void {
    const { scheduler, governor, random } = this.#options;
    // The cast is true: the simulation is the only maker of these ids.
    const id = `${tenant.id}:${this.#seq++}` as TaskId;
    this.#planned.set(id, { tenant, leftMs: jobLength(tenant, random), readyAt: this.#now, preemptions: 0 });
    const job = { id, tenant: tenant.id, priority: tenant.priority ?? 'lo', readyAt: millis(this.#now) } as const;
    scheduler.enqueue(job);
    governor?.ready(job, this.#now);
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

  #start(job: QueuedJob, planned: Planned): void {
    const { tenant, readyAt, preemptions } = planned;
    const wastedMs = preemptions === 0 ? 0 : (this.#options.resumeMs ?? 0);
    planned.leftMs += wastedMs;
    const endsAt = this.#now + planned.leftMs;
    const run = { task: job.id, tenant: tenant.id, arrivedAt: readyAt, startedAt: this.#now, endsAt };
    const stay = { ...run, preemptions, wastedMs };
    this.#runs.push(stay);
    this.#free--;
    this.#options.governor?.started(job, this.#now);
    if (tenant.arrivals.kind === 'backlog' && preemptions === 0) this.#arrive(tenant);
    this.#work(job, planned, stay);
  }

  /** One step of the job, or what is left of it. */
  #work(job: QueuedJob, planned: Planned, stay: SimRun & { endsAt: number }): void {
    const step = Math.min(planned.leftMs, this.#options.stepMs ?? Infinity);
    this.#at(this.#now + step, () => {
      const { scheduler, governor } = this.#options;
      planned.leftMs -= step;
      const ranMs = this.#now - stay.startedAt;
      if (planned.leftMs <= 0) {
        scheduler.settle(job.id, slotMs(ranMs));
        this.#planned.delete(job.id);
        this.#leave(job);
        return;
      }
      const { preemptions } = planned;
      const boundary = { tenant: job.tenant, task: job.id, priority: job.priority, ranMs, preemptions };
      if (governor?.givesWay(boundary, this.#now) === true) this.#giveWay(job, planned, stay);
      else {
        scheduler.charge(job.id, slotMs(ranMs));
        this.#work(job, planned, stay);
      }
    });
  }

  #giveWay(job: QueuedJob, planned: Planned, stay: SimRun & { endsAt: number }): void {
    stay.endsAt = this.#now;
    planned.preemptions++;
    planned.readyAt = this.#now;
    this.#options.scheduler.requeue?.(job.id, slotMs(this.#now - stay.startedAt));
    this.#leave(job);
    this.#options.governor?.ready(job, this.#now);
  }

  #leave(job: QueuedJob): void {
    this.#free++;
    this.#options.governor?.stopped(job, this.#now);
  }
}
