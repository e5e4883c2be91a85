import { expect, test } from 'vitest';
import { seededRandom } from '#kernel/random.ts';
import { Heap } from './heap.ts';

test('items leave in order whatever was moved or taken out in between', () => {
  const random = seededRandom(3);
  const heap = new Heap<{ key: number; id: number }>((a, b) => a.key - b.key || a.id - b.id);
  const items = Array.from({ length: 500 }, (_, id) => ({ key: random.integer(100), id }));
  for (const item of items) heap.push(item);

  for (const item of items.filter((_, i) => i % 3 === 0)) {
    item.key = random.integer(100);
    heap.update(item);
  }
  for (const item of items.filter((_, i) => i % 5 === 0)) expect(heap.delete(item)).toBe(true);
  const left: number[] = [];
  for (let item = heap.pop(); item; item = heap.pop()) left.push(item.key);

  const expected = items.filter((_, i) => i % 5 !== 0).map((item) => item.key);
  expect(left).toEqual(expected.sort((a, b) => a - b));
});

test('an item that is not there is neither moved nor taken out', () => {
  const heap = new Heap<{ key: number }>((a, b) => a.key - b.key);
  heap.push({ key: 1 });

  expect(heap.delete({ key: 1 })).toBe(false);
  heap.update({ key: 1 });
  expect(heap.size).toBe(1);
});
