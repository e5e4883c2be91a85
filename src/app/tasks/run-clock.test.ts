import { describe, expect, it } from 'vitest';
import { ManualClock } from '#kernel/clock.ts';
import { RunClock } from './run-clock.ts';

const never = new AbortController().signal;
const untilAborted = (signal: AbortSignal): Promise<null> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted', { cause: signal.reason })));
  });

describe('the clock of a run', () => {
  it('runs on over the steps, and ends the one in which it runs out', async () => {
    const clock = new ManualClock();
    const run = new RunClock({ clock, wallMs: 100, usedMs: 30 });
    const waits = (signal: AbortSignal) => clock.sleep(50, signal).then(() => 'ended');

    const first = run.within(never, waits);
    clock.advance(50);
    const done = await first;
    const second = run.within(never, waits);
    clock.advance(20);

    expect(done).toEqual({ done: 'ended' });
    expect(await second).toMatchObject({ fault: { code: 'RUN_TIMED_OUT' } });
  });

  it('does not keep what ends the run from being done', async () => {
    const clock = new ManualClock();
    const run = new RunClock({ clock, wallMs: 0, usedMs: 0 });
    const late = run.within(never, untilAborted);
    clock.advance(0);
    await late;

    expect(await run.within(never, async () => 'card')).toEqual({ done: 'card' });
  });

  it('gives what ends the run its time, also to the next worker, which finds none left', async () => {
    const clock = new ManualClock();
    const run = new RunClock({ clock, wallMs: 100, usedMs: 200 });
    run.end();

    const card = run.within(never, (signal) => clock.sleep(50, signal).then(() => 'card'));
    clock.advance(50);

    expect(await card).toEqual({ done: 'card' });
  });

  it('leaves it to the caller when the worker is told to stop', async () => {
    const stop = new AbortController();
    const run = new RunClock({ clock: new ManualClock(), wallMs: 100, usedMs: 0 });

    const step = run.within(stop.signal, untilAborted);
    stop.abort(new Error('stopped'));

    await expect(step).rejects.toThrow('aborted');
  });
});
