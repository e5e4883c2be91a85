import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addLine, hasTag, receipt, search, taxOn } from '../src/index.ts';

test('a receipt shows lines, net and tax', () => {
  const cart = addLine(addLine([], 'map'), 'mug', 2);
  assert.deepEqual(receipt(cart, 'DE'), ['1 x Star map at 24.00', '2 x Enamel mug at 12.50', 'net 46.50', 'tax 8.84']);
});

test('search filters by tag and sorts by price', () => {
  assert.deepEqual(search(['pen', 'map', 'mug', 'moon'], ['gift']), ['mug', 'pen']);
  assert.equal(hasTag('map', 'gift'), false);
});

test('a country without a rate is refused', () => {
  assert.throws(() => taxOn(100, 'XX'), RangeError);
});
