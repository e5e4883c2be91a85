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

/** One job's way: times in simulated milliseconds. */
export interface SimRun {
  readonly tenant: TenantId;
  readonly arrivedAt: number;
  readonly startedAt: number;
  readonly endsAt: number;
}

interface Event {
  readonly at: number;
  readonly seq: number;
  readonly happen: () => void;
}

/** Runs the tenants' jobs on `slots` slots until `untilMs` in virtual time. One seed gives one outcome. Runs are in order of start. */
export function simulate(options: {
  readonly tenants: readonly SimTenant[];
  readonly slots: number;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly untilMs: number;
  /** A running job reports its cost so far this often; absent: only at its end. */
  readonly chargeEveryMs?: number;
}): readonly SimRun[] {
  const { scheduler, random, untilMs } = options;
  const events = new Heap<Event>((a, b) => a.at - b.at || a.seq - b.seq);
  const lengths = new Map<TaskId, { readonly tenant: SimTenant; readonly length: SlotMs }>();
  const runs: SimRun[] = [];
  let [now, seq, free] = [0, 0, options.slots];

  const at = (time: number, happen: () => void): void => events.push({ at: time, seq: seq++, happen });

  const arrive = (tenant: SimTenant): void => {
    // The cast is true: the simulation is the only maker of these ids.
    const id = `${tenant.id}:${seq++}` as TaskId;
    lengths.set(id, { tenant, length: jobLength(tenant, random) });
    scheduler.enqueue({ id, tenant: tenant.id, priority: 'lo', readyAt: millis(now) });
  };

  const arriveAgain = (tenant: SimTenant, perHour: number): void =>
    at(now + arrivalGap(perHour, random), () => {
      arrive(tenant);
      arriveAgain(tenant, perHour);
    });

  const report = (id: TaskId, startedAt: number, endsAt: number, every: number): void => {
    const next = now + every;
    if (next >= endsAt) return;
    at(next, () => {
      scheduler.charge(id, slotMs(next - startedAt));
      report(id, startedAt, endsAt, every);
    });
  };

  const fillSlots = (): void => {
    for (; free > 0; free--) {
      const job = scheduler.dispatch();
      const planned = job && lengths.get(job.id);
      if (!job || !planned) return;
      const { tenant, length } = planned;
      const run = { tenant: job.tenant, arrivedAt: job.readyAt, startedAt: now, endsAt: now + length };
      runs.push(run);
      if (tenant.arrivals.kind === 'backlog') arrive(tenant);
      if (options.chargeEveryMs) report(job.id, now, run.endsAt, options.chargeEveryMs);
      at(run.endsAt, () => {
        scheduler.settle(job.id, length);
        lengths.delete(job.id);
        free++;
      });
    }
  };

  for (const tenant of options.tenants) scheduler.setWeight(tenant.id, tenant.weight);
  const backlog = Math.max(
    0,
    ...options.tenants.map(({ arrivals }) => (arrivals.kind === 'backlog' ? arrivals.jobs : 0)),
  );
  // Round by round, so that no order profits from whose jobs were written first.
  for (let round = 0; round < backlog; round++) {
    for (const tenant of options.tenants) {
      if (tenant.arrivals.kind === 'backlog' && round < tenant.arrivals.jobs) arrive(tenant);
    }
  }
  for (const tenant of options.tenants) {
    if (tenant.arrivals.kind === 'poisson') arriveAgain(tenant, tenant.arrivals.perHour);
  }
  fillSlots();
  for (let event = events.pop(); event && event.at <= untilMs; event = events.pop()) {
    now = event.at;
    event.happen();
    fillSlots();
  }
  return runs;
}
