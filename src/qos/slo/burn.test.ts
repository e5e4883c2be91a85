import { expect, test } from 'vitest';
import { seededRandom } from '#kernel/random.ts';
import { BURN_RULES, burnOf, budgetLeftForPolicy, burnRate, ends, thresholdOf, wilsonLower } from './burn.ts';
import { MinuteCounts } from './minutes.ts';

const WEEK = 7 * 86_400_000;
const MINUTE = 60_000;

test('the thresholds of a week are 2, 5.6 and 16.8', () => {
  expect(BURN_RULES.map((rule) => [rule.name, Number(thresholdOf(rule, WEEK).toFixed(6))])).toEqual([
    ['burn-24h', 2],
    ['burn-6h', 5.6],
    ['burn-1h', 16.8],
  ]);
});

test('nothing counted burns nothing', () => {
  expect(burnRate({ good: 0, bad: 0 }, 0.99)).toBe(0);
});

test('a small sample must be surer than its ratio, and one or two bad starts never page', () => {
  const rule = BURN_RULES[0];
  const of = (good: number, bad: number) =>
    burnOf(rule, { long: { good, bad }, short: { good, bad } }, 0.99, WEEK).fires;

  expect(of(19, 1)).toBe(false);
  expect(of(0, 2)).toBe(false);
  expect(of(95, 3)).toBe(false);
  expect(of(90, 8)).toBe(true);
  expect(of(975, 25)).toBe(true);
});

test('both windows must burn, and an alert ends with the short one', () => {
  const rule = BURN_RULES[2];
  const long = { good: 700, bad: 300 };
  const over = burnOf(rule, { long, short: { good: 100, bad: 0 } }, 0.99, WEEK);

  expect(over.fires).toBe(false);
  expect(ends(over)).toBe(true);
  expect(ends(burnOf(rule, { long, short: { good: 10, bad: 90 } }, 0.99, WEEK))).toBe(false);
});

test("Wilson's lower bound of 10 in 20 is 0.33", () => {
  expect(wilsonLower(10, 20)).toBeCloseTo(0.3274, 4);
});

test('windows of minutes give what counting one by one gives', () => {
  const random = seededRandom(5);
  const minutes = new MinuteCounts({ keepMs: 120 * MINUTE });
  const all: { minute: number; outcome: 'good' | 'bad' }[] = [];
  let now = 1_000_000_000;

  for (let i = 0; i < 3000; i++) {
    now += random.integer(20_000);
    const outcome = random.integer(3) === 0 ? 'bad' : 'good';
    minutes.count(now, outcome);
    all.push({ minute: Math.floor(now / MINUTE), outcome });
    if (i % 50 !== 0) continue;
    for (const span of [5, 30, 120]) {
      const inside = all.filter(({ minute }) => minute > Math.floor(now / MINUTE) - span);
      const bad = inside.filter((one) => one.outcome === 'bad').length;
      expect(minutes.within(now, span * MINUTE)).toEqual({ good: inside.length - bad, bad });
    }
  }
});

test('a clock that goes back counts for the last minute that was seen', () => {
  const minutes = new MinuteCounts({ keepMs: 120 * MINUTE });
  minutes.count(100 * MINUTE, 'good');
  minutes.count(40 * MINUTE, 'bad');

  expect(minutes.within(100 * MINUTE, 5 * MINUTE)).toEqual({ good: 1, bad: 1 });
});

test('one or two bad starts freeze nothing, three of three do', () => {
  expect(budgetLeftForPolicy({ good: 0, bad: 2 }, 0.99)).toBe(1);
  expect(budgetLeftForPolicy({ good: 0, bad: 3 }, 0.99)).toBe(0);
});
