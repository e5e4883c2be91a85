import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addLine, subtotal } from '../src/cart.ts';

test('adding the same article twice adds up its quantity', () => {
  const cart = addLine(addLine([], 'mug'), 'mug', 2);
  assert.deepEqual(cart, [{ sku: 'mug', quantity: 3 }]);
  assert.equal(subtotal(cart), 3750);
});

test('an unknown article is refused', () => {
  assert.throws(() => addLine([], 'moon'), RangeError);
});
