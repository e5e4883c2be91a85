import { expect, test } from 'vitest';
import { seededRandom } from '#kernel/random.ts';
import { type AtBoundary, type Head, type Load, mayGiveWay, slotOrders } from './preemption.ts';

const HOW = (slots: number) => ({ slots, trigger: 0.5 });
const runningOf = (loads: readonly Load[]): number => loads.reduce((sum, { running }) => sum + running, 0);

const load = (tenant: string, weight: number, waiting: number, running: number): Load => ({
  tenant,
  weight,
  waiting,
  running,
  yielding: running,
});

const head = (tenant: string, waitedMs: number, priority: Head['priority'] = 'lo'): Head => ({
  task: `${tenant}-1`,
  tenant,
  priority,
  waitedMs,
  preemptions: 0,
  targetMs: 20_000,
});

test('a tenant within its share that has waited half its target gets a slot of the one furthest above its own', () => {
  const loads = [load('flood', 1, 100, 12), load('other', 1, 10, 8), load('quiet', 1, 1, 0)];

  expect(slotOrders(loads, [head('quiet', 9_999)], [], HOW(runningOf(loads)))).toEqual([]);
  expect(slotOrders(loads, [head('quiet', 10_000)], [], HOW(runningOf(loads)))).toMatchObject([
    { from: 'flood', task: 'quiet-1', tenant: 'quiet', running: 12, due: 9.5 },
  ]);
});

test('nobody is taken below what is due to it, and nobody gets more than that', () => {
  const even = [load('a', 1, 5, 2), load('b', 1, 5, 1)];
  expect(slotOrders(even, [head('b', 60_000)], [], HOW(runningOf(even)))).toEqual([]);

  const full = [load('a', 1, 5, 2), load('b', 1, 5, 2)];
  expect(slotOrders(full, [head('a', 60_000), head('b', 60_000)], [], HOW(runningOf(full)))).toEqual([]);
});

test('one wait is answered by one slot, however often it is looked at', () => {
  const loads = [load('flood', 1, 100, 20), load('quiet', 1, 1, 0)];
  const open = slotOrders(loads, [head('quiet', 15_000)], [], HOW(runningOf(loads)));

  expect(open).toHaveLength(1);
  expect(slotOrders(loads, [head('quiet', 16_000)], open, HOW(runningOf(loads)))).toEqual([]);
});

test('whoever is nearest to missing its own target is served first, however long others have waited', () => {
  const loads = [load('flood', 1, 100, 20), load('patient', 1, 1, 0), load('urgent', 1, 1, 0)];
  const urgent = { ...head('urgent', 4000), targetMs: 5000 };
  const patient = { ...head('patient', 40_000), targetMs: 120_000 };

  expect(slotOrders(loads, [patient, urgent], [], HOW(20))).toMatchObject([{ task: 'urgent-1' }]);
  const late = { ...patient, waitedMs: 110_000 };
  expect(slotOrders(loads, [late, urgent], [], HOW(20)).map(({ task }) => task)).toEqual(['patient-1', 'urgent-1']);
});

test('while a slot is free nobody gives way', () => {
  const loads = [load('flood', 1, 100, 19), load('quiet', 1, 1, 0)];

  expect(slotOrders(loads, [head('quiet', 60_000)], [], HOW(20))).toEqual([]);
});

test('within a tenant urgent work takes the slot of work that is not', () => {
  const loads = [load('a', 1, 5, 10), load('b', 1, 5, 10)];

  expect(slotOrders(loads, [head('a', 15_000, 'hi')], [], HOW(runningOf(loads)))).toMatchObject([
    { from: 'a', tenant: 'a' },
  ]);
  expect(slotOrders(loads, [head('a', 15_000, 'lo')], [], HOW(runningOf(loads)))).toEqual([]);
});

test('what was moved is not moved back: after any set of orders there are none the other way', () => {
  const random = seededRandom(8);

  for (let round = 0; round < 300; round++) {
    const loads = Array.from({ length: 2 + random.integer(6) }, (_, i) =>
      load(`t${i}`, 1 + random.integer(5), random.integer(4), random.integer(8)),
    );
    const heads = loads.filter(({ waiting }) => waiting > 0).map(({ tenant }) => head(tenant, 20_000));
    const orders = slotOrders(loads, heads, [], HOW(runningOf(loads)));
    const after = loads.map((each) => {
      const lost = orders.filter(({ from }) => from === each.tenant).length;
      const won = orders.filter(({ tenant }) => tenant === each.tenant).length;
      return load(each.tenant, each.weight, each.waiting + lost - won, each.running - lost + won);
    });
    const losers = new Set(orders.map(({ from }) => from));
    const again = after.filter(({ waiting }) => waiting > 0).map(({ tenant }) => head(tenant, 20_000));

    expect(slotOrders(after, again, [], HOW(runningOf(after))).filter(({ tenant }) => losers.has(tenant))).toEqual([]);
  }
});

test('a job that gave way takes no slot by force', () => {
  const loads = [load('flood', 1, 100, 20), load('quiet', 1, 1, 0)];

  expect(slotOrders(loads, [{ ...head('quiet', 60_000), preemptions: 1 }], [], HOW(20))).toEqual([]);
});

test('a job gives way when it is lo, has had its quantum, and at most three times', () => {
  const job: AtBoundary = { tenant: 'a', task: 'a-1', priority: 'lo', ranMs: 10_000, preemptions: 2 };

  expect(mayGiveWay(job, 10_000)).toBe(true);
  expect(mayGiveWay({ ...job, ranMs: 9_999 }, 10_000)).toBe(false);
  expect(mayGiveWay({ ...job, preemptions: 3 }, 10_000)).toBe(false);
  expect(mayGiveWay({ ...job, priority: 'hi' }, 10_000)).toBe(false);
});
