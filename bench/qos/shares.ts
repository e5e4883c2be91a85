import { seededRandom } from '#kernel/random.ts';
import { slotMs, weight } from '#kernel/virtual-time.ts';
import type { TenantId } from '#domain/ids.ts';
import { FairQueue, SimGovernor, type SimRun, type SimTenant, serviceWithin, simulate } from '#qos/index.ts';

const SLOTS = 20;
const MEAN_MS = 60_000;
const STEP_MS = 5000;
const HOUR = 3_600_000;

type Arrivals = SimTenant['arrivals'];

function tenant(id: string, w: number, arrivals: Arrivals): SimTenant {
  // The cast is true: these are the tenants of these benches.
  return { id: id as TenantId, weight: weight(w), meanMs: MEAN_MS, cv: 1, arrivals };
}

interface Run {
  readonly tenants: readonly SimTenant[];
  readonly seed: number;
  readonly untilMs: number;
  readonly slots?: number;
  /** Whether jobs give way to tenants below their share, as they do in the product. */
  readonly yielding: boolean;
}

function run({ tenants, seed, untilMs, slots = SLOTS, yielding }: Run): readonly SimRun[] {
  const queue = new FairQueue({ estimate: slotMs(1000) });
  const promise = { targetMs: 20_000, slo: 0.99, periodMs: 168 * HOUR, quantumMs: 10_000, everyMs: 1000 };
  const governor = new SimGovernor({ queue, tenants, slots, ...promise, preempt: true, policy: false });
  const sim = { tenants, slots, scheduler: queue, random: seededRandom(seed), untilMs, stepMs: STEP_MS };
  return simulate(yielding ? { ...sim, governor } : sim);
}

/** Least part of its share that any backlogged tenant got in any window as long as 50 mean jobs. */
export function leastOfShare(seed: number, yielding: boolean): number {
  const tenants = [1, 1, 2, 4].map((w, i) => tenant(`w${w}-${i}`, w, { kind: 'backlog', jobs: 100 }));
  const runs = run({ tenants, seed, untilMs: 12 * HOUR, yielding });
  const total = tenants.reduce((sum, { weight: w }) => sum + w, 0);
  let least = Infinity;
  for (const { id, weight: w } of tenants) {
    const window = 50 * MEAN_MS;
    const due = (window * w * SLOTS) / total;
    const own = runs.filter((one) => one.tenant === id);
    for (let from = HOUR / 2; from + window < 11 * HOUR; from += window / 10) {
      least = Math.min(least, serviceWithin(own, id, from, from + window) / due);
    }
  }
  return least;
}

/** Part of the service of a tenant with one job waiting, beside one with fifty; half is due. On one slot, as a line of one cannot fill more. */
export function oneAgainstFifty(seed: number): number {
  const one = tenant('one', 1, { kind: 'backlog', jobs: 1 });
  const tenants = [one, tenant('fifty', 1, { kind: 'backlog', jobs: 50 })];
  const runs = run({ tenants, seed, untilMs: 200 * HOUR, slots: 1, yielding: false });
  const served = (id: string): number =>
    runs.reduce((sum, each) => sum + (each.tenant === id ? each.endsAt - each.startedAt : 0), 0);
  return served('one') / (served('one') + served('fifty'));
}

/** Part of the service in the ten minutes after an hour of idleness, against an equal tenant that worked all the time. */
export function afterIdleHour(seed: number): number {
  const busy = tenant('busy', 1, { kind: 'backlog', jobs: 100 });
  const back = { ...tenant('back', 1, { kind: 'backlog', jobs: 100 }), fromMs: HOUR };
  const runs = run({ tenants: [busy, back], seed, untilMs: 2 * HOUR, yielding: true });
  // What runs when it comes back runs to its end first.
  const from = HOUR + 3 * MEAN_MS;
  const to = from + 10 * 60_000;
  const of = (id: TenantId): number => serviceWithin(runs, id, from, to);
  return of(back.id) / (of(back.id) + of(busy.id));
}
