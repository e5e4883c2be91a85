import { expect, test } from 'vitest';
import { millis } from '#kernel/clock.ts';
import { nanoUsd, usd } from '#kernel/money.ts';
import { MAX_SLOT_MS } from '#kernel/virtual-time.ts';
import { dominantCost, spendRate } from './cost.ts';

const capacity = { slots: 20, nanoPerMs: nanoUsd(1000) };

test('the scarcer of slots and dollars makes the cost', () => {
  expect(dominantCost({ slotMs: 600, costNano: nanoUsd(0) }, capacity)).toBe(600);
  expect(dominantCost({ slotMs: 600, costNano: nanoUsd(50_000) }, capacity)).toBe(1000);
});

test('a worker that lies about its cost cannot break the order', () => {
  for (const reported of [Number.NaN, -5, -Infinity]) {
    expect(dominantCost({ slotMs: reported, costNano: nanoUsd(0) }, capacity)).toBe(0);
  }
  expect(dominantCost({ slotMs: Infinity, costNano: nanoUsd(0) }, capacity)).toBe(MAX_SLOT_MS);
});

test('without a dollar rate only slots count', () => {
  expect(dominantCost({ slotMs: 7, costNano: nanoUsd(9) }, { slots: 1, nanoPerMs: nanoUsd(0) })).toBe(7);
});

test('a company is ready to spend its cap in its period; without a cap or a period dollars are not scarce', () => {
  const amounts = { spentNano: nanoUsd(0), heldNano: nanoUsd(0), breachedNano: nanoUsd(0), keptForHiNano: nanoUsd(0) };
  const ends = millis(Date.UTC(2027, 0, 4)); // a Monday
  const company = { ...amounts, scope: 'org', capNano: usd(604.8), period: 'week', periodEndsAt: ends } as const;

  expect(spendRate(company)).toBe(1000);
  expect(spendRate({ ...company, capNano: null })).toBe(0);
  expect(spendRate({ ...company, period: null, periodEndsAt: null })).toBe(0);
});
