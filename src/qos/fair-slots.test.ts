import { expect, test } from 'vitest';
import { seededRandom } from '#kernel/random.ts';
import { fairSlots, isInShare } from './fair-slots.ts';

const demand = (tenant: string, weight: number, jobs: number) => ({ tenant, weight, jobs });

test('whoever wants less than its share gets it all, and the rest is divided by weight', () => {
  const fair = fairSlots([demand('flood', 1, 500), demand('double', 2, 500), demand('quiet', 1, 2)], 20);

  expect(fair.get('quiet')).toBe(2);
  expect(fair.get('flood')).toBe(6);
  expect(fair.get('double')).toBe(12);
});

test('a tenant is in its share exactly when nothing that it asks for is above what is due', () => {
  const demands = [demand('flood', 1, 500), demand('quiet', 1, 2)];
  const fair = fairSlots(demands, 20);

  expect(demands.map((each) => isInShare(each, fair))).toEqual([false, true]);
});

test('all is given away while someone wants it, and nobody gets more than it wants', () => {
  const random = seededRandom(3);

  for (let round = 0; round < 500; round++) {
    const demands = Array.from({ length: 1 + random.integer(12) }, (_, i) =>
      demand(`t${i}`, 1 + random.integer(50), random.integer(30)),
    );
    const fair = fairSlots(demands, 20);
    const given = [...fair.values()].reduce((sum, slots) => sum + slots, 0);
    const wanted = demands.reduce((sum, { jobs }) => sum + jobs, 0);

    expect(given).toBeCloseTo(Math.min(20, wanted));
    for (const { tenant, jobs } of demands) expect(fair.get(tenant)).toBeLessThanOrEqual(jobs);
  }
});
