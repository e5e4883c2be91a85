import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { ManualClock } from '#kernel/clock.ts';
import { within } from './within.ts';

const clock = new ManualClock();
const late = (): Error => new Error('late');

test.each([
  ['gives a result', async () => 'done'],
  ['fails', async () => Promise.reject(new Error('failed'))],
])('nothing stays on a signal that outlives work that %s', async (_, work) => {
  const { signal } = new AbortController();
  const seen: AbortSignal[] = [];
  for (let n = 0; n < 3; n++) {
    await within({ clock, signal, limitMs: 1000, late }, (inner) => {
      seen.push(inner);
      return work();
    }).catch(() => undefined);
  }

  expect(seen).toHaveLength(3);
  for (const one of [signal, ...seen]) expect(getEventListeners(one, 'abort')).toEqual([]);
});

test('work that ends after the time is up comes to the reason, and leaves nothing either', async () => {
  const { signal } = new AbortController();
  let given: AbortSignal | undefined;
  const working = within({ clock, signal, limitMs: 10, late }, (inner) => {
    given = inner;
    return new Promise<void>((resolve) => inner.addEventListener('abort', () => resolve(), { once: true }));
  });

  clock.advance(10);

  await expect(working).rejects.toThrow('late');
  expect(given?.aborted).toBe(true);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
  expect(getEventListeners(given!, 'abort')).toEqual([]);
});
