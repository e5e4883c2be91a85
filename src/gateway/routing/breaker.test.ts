import { describe, expect, it } from 'vitest';
import { ManualClock, millis } from '#kernel/clock.ts';
import { Breakers } from './breaker.ts';

describe('a place that failed five times', () => {
  it.each([
    ['rests', 9000, true],
    ['no longer than it was to', 0, false],
    ['not for hours, as a process with a wrong clock would have it', 2 * 3_600_000, false],
  ])('%s', async (_what, restsUntil, expected) => {
    const breakers = new Breakers({
      clock: new ManualClock(0),
      log: { log: () => undefined },
      outages: {
        all: async () => new Map([['one/mini', { failures: 5, restsUntil: millis(restsUntil) }]]),
        failed: () => expect.fail('nothing fails'),
        over: () => expect.fail('nothing succeeds'),
      },
    });

    await breakers.sweep();

    expect(breakers.rests('one/mini')).toBe(expected);
  });
});
