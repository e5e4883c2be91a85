import assert from 'node:assert/strict';
import { test } from 'node:test';
import { giftDiscount } from '../src/discount.ts';
import { percentOf } from '../src/money.ts';

test('a tenth off each gift', () => {
  assert.equal(giftDiscount([{ sku: 'mug', quantity: 1 }]), 125);
  assert.equal(giftDiscount([{ sku: 'map', quantity: 5 }]), 0);
});

test('the cheapest of three gifts is free', () => {
  const cart = [
    { sku: 'mug', quantity: 2 },
    { sku: 'pen', quantity: 1 },
  ];
  assert.equal(giftDiscount(cart), 125 + 125 + 490 + 1250);
});

test('percentages round half up', () => {
  assert.equal(percentOf(1250, 19), 238);
  assert.equal(percentOf(1249, 10), 125);
});
