import { expect, test } from 'vitest';
import { untilAborted } from './until-aborted.ts';

test('waits for the abort, and not at all for one that was before', async () => {
  const stop = new AbortController();
  const order: string[] = [];
  const waiting = untilAborted(stop.signal).then(() => order.push('over'));
  await Promise.resolve();
  order.push('abort');
  stop.abort();
  await waiting;

  await untilAborted(AbortSignal.abort());

  expect(order).toEqual(['abort', 'over']);
});
