import { describe, expect, it } from 'vitest';
import { ManualClock, systemClock } from './clock.ts';

describe.each([
  ['the system clock', systemClock],
  ['a manual clock', new ManualClock()],
])('%s', (_, clock) => {
  it("ends a sleep with the signal's own reason", async () => {
    const stop = new AbortController();
    const sleeping = clock.sleep(60_000, stop.signal);

    stop.abort(new Error('preempted'));

    await expect(sleeping).rejects.toThrow('preempted');
  });
});
