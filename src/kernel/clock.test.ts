import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { type Clock, ManualClock, systemClock } from './clock.ts';

const manual = new ManualClock();

describe.each([
  ['the system clock', systemClock, (): void => undefined],
  ['a manual clock', manual, (): void => manual.advance(1)],
] as const)('%s', (_, clock: Clock, pass: () => void) => {
  it("ends a sleep with the signal's own reason", async () => {
    const stop = new AbortController();
    const sleeping = clock.sleep(60_000, stop.signal);

    stop.abort(new Error('preempted'));

    await expect(sleeping).rejects.toThrow('preempted');
  });

  it('leaves nothing on a signal that outlives the sleep', async () => {
    const { signal } = new AbortController();
    const sleeping = clock.sleep(1, signal);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);

    pass();
    await sleeping;

    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
