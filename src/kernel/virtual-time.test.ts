import { expect, test } from 'vitest';
import { seededRandom } from './random.ts';
import { MAX_SLOT_MS, UNITS, slotMs, virtualSpan, weight } from './virtual-time.ts';

test('a weight of zero, below zero, NaN, infinite or out of range is refused with the way out', () => {
  for (const value of [0, -1, Number.NaN, Infinity, -Infinity, 0.001, 1001]) {
    expect(() => weight(value)).toThrow(/only ratios matter/);
  }
});

test('a weight is kept in hundredths', () => {
  expect([0.01, 1, 2.5, 1000].map(weight)).toEqual([1, 100, 250, 100_000]);
});

test('a cost that is negative, NaN or more than a year is refused', () => {
  for (const value of [-1, Number.NaN, Infinity, MAX_SLOT_MS + 1]) expect(() => slotMs(value)).toThrow(RangeError);
});

test('the quotient of doubles equals the quotient of integers for every cost and weight in range', () => {
  const random = seededRandom(1);

  for (let i = 0; i < 20_000; i++) {
    const cost = Math.floor(random.next() ** 4 * MAX_SLOT_MS) * (random.integer(2) === 0 ? 1 : -1);
    const w = weight(Math.max(0.01, random.next() ** 3 * 1000));

    expect(BigInt(virtualSpan(cost, w))).toBe((BigInt(cost) * BigInt(UNITS)) / BigInt(w));
  }
});

test('the least cost at the greatest weight is not free', () => {
  expect(virtualSpan(1, weight(1000))).toBe(1);
});
