import { expect, test } from 'vitest';
import { nanoUsd } from '#kernel/money.ts';
import { MAX_SLOT_MS } from '#kernel/virtual-time.ts';
import { dominantCost } from './cost.ts';

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
