import { seededRandom } from '#kernel/random.ts';
import { slotMs, weight } from '#kernel/virtual-time.ts';
import type { TenantId } from '#domain/ids.ts';
import { FairQueue, type Scheduler, type SimTenant, jain, serviceWithin, simulate } from '#qos/index.ts';
import { fifo, roundRobin } from './orders.ts';

const SLOTS = 20;
const SHORT_MS = 20_000;
const LONG_MS = 200_000;
const MEAN_JOBS = 200;

/** Weights 1 : 2 : 4, each with short and with ten times as long jobs; all always have jobs waiting. */
function tenants(): SimTenant[] {
  return [SHORT_MS, LONG_MS].flatMap((meanMs) =>
    [1, 2, 4].map((w) => ({
      // The cast is true: these are the tenants of this bench.
      id: `w${w}-${meanMs}` as TenantId,
      weight: weight(w),
      meanMs,
      cv: 1.5,
      arrivals: { kind: 'backlog', jobs: 50 } as const,
    })),
  );
}

/** Jain's index of service / weight over an interval of at least 200 mean jobs of each tenant, after a start of one tenth of it. */
export function fairness(scheduler: Scheduler, seed: number): number {
  const parties = tenants();
  const totalWeight = parties.reduce((sum, party) => sum + party.weight, 0);
  // The tenant of least weight and longest jobs is due MEAN_JOBS jobs in this time.
  const interval = (MEAN_JOBS * LONG_MS * totalWeight) / (weight(1) * SLOTS);
  const [from, to] = [interval * 0.1, interval * 1.1];
  const runs = simulate({
    tenants: parties,
    slots: SLOTS,
    scheduler,
    random: seededRandom(seed),
    untilMs: to,
    stepMs: 20_000,
  });
  return jain(parties.map((party) => serviceWithin(runs, party.id, from, to) / party.weight));
}

export const ORDERS: readonly { readonly name: string; readonly make: () => Scheduler }[] = [
  { name: 'fair', make: () => new FairQueue({ estimate: slotMs(1000) }) },
  { name: 'fifo', make: fifo },
  { name: 'round robin', make: roundRobin },
];
