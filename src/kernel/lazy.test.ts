import { expect, test } from 'vitest';
import { Lazy } from './lazy.ts';

/** Numbers of the tries; those before the given one fail. */
function triesUntil(good: number): Lazy<number> {
  let tries = 0;
  return new Lazy(async () => {
    tries++;
    if (tries < good) throw new Error(`try ${tries} failed`);
    return tries;
  });
}

test('a thing is made once, for all who ask', async () => {
  const thing = triesUntil(1);

  expect(await thing.made()).toBeUndefined();
  expect(await Promise.all([thing.get(), thing.get(), thing.made()])).toEqual([1, 1, 1]);
  expect(await thing.get()).toBe(1);
});

test('a fault is told to all who waited, and the next who asks tries again', async () => {
  const thing = triesUntil(3);

  const waited = await Promise.allSettled([thing.get(), thing.get()]);
  await expect(thing.get()).rejects.toThrow('try 2 failed');

  expect(waited.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await thing.made()).toBeUndefined();
  expect(await thing.get()).toBe(3);
});
