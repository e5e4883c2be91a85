import { expect, test } from 'vitest';
import { seededRandom } from '#kernel/random.ts';
import { slotMs, weight } from '#kernel/virtual-time.ts';
import type { TenantId } from '#domain/ids.ts';
import { FairQueue } from '../fair-queue.ts';
import { jain, quantile, serviceWithin } from './measure.ts';
import { type SimRun, simulate } from './simulate.ts';
import type { SimTenant } from './workload.ts';

// The cast is true: these are the ids of this test.
const tenant = (id: string, w: number, meanMs: number, arrivals: SimTenant['arrivals']): SimTenant => ({
  id: id as TenantId,
  weight: weight(w),
  meanMs,
  cv: 1,
  arrivals,
});

const backlog = { kind: 'backlog', jobs: 3 } as const;

function run(tenants: readonly SimTenant[], seed: number, untilMs: number): readonly SimRun[] {
  const scheduler = new FairQueue({ estimate: slotMs(100) });
  return simulate({ tenants, slots: 4, scheduler, random: seededRandom(seed), untilMs, stepMs: 1000 });
}

test('one seed gives one outcome', () => {
  const tenants = [tenant('a', 1, 5000, backlog), tenant('b', 2, 500, { kind: 'poisson', perHour: 2000 })];

  expect(run(tenants, 7, 500_000)).toEqual(run(tenants, 7, 500_000));
  expect(run(tenants, 7, 500_000)).not.toEqual(run(tenants, 8, 500_000));
});

test('slots are never idle while something waits, and never overfull', () => {
  const runs = run([tenant('a', 1, 5000, backlog), tenant('b', 3, 500, backlog)], 5, 200_000);

  for (let at = 1000; at < 200_000; at += 997) {
    expect(runs.filter((one) => one.startedAt <= at && at < one.endsAt)).toHaveLength(4);
  }
});

test('tenants with jobs ten times as long get what their weight is worth', () => {
  const tenants = [tenant('a', 1, 1000, backlog), tenant('b', 2, 10_000, backlog), tenant('c', 4, 3000, backlog)];

  const runs = run(tenants, 2, 4_000_000);

  const shares = tenants.map(({ id, weight: w }) => serviceWithin(runs, id, 100_000, 4_000_000) / w);
  expect(jain(shares)).toBeGreaterThan(0.98);
});

test('a quiet tenant does not wait behind a flood', () => {
  const flood = tenant('flood', 1, 1000, { kind: 'backlog', jobs: 500 });
  const quiet = tenant('quiet', 1, 1000, { kind: 'poisson', perHour: 3600 });

  const waits = run([flood, quiet], 4, 600_000)
    .filter((one) => one.tenant === quiet.id)
    .map((one) => one.startedAt - one.arrivedAt);

  expect(waits.length).toBeGreaterThan(400);
  // Three mean jobs; in order of arrival it would wait behind 500 jobs on 4 slots.
  expect(quantile(waits, 0.95)).toBeLessThan(3000);
});
