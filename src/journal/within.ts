import type { Clock } from '#kernel/clock.ts';

/** How long work that was told to stop may take to clean up before it is left behind, ms. */
const GRACE_MS = 10_000;

/**
 * Runs `work` with a signal that aborts with `signal`, or with the reason `late()` after `limitMs`.
 * Once aborted it throws the signal's reason, whatever the work comes to; it waits for the work to end, but not for ever.
 */
export async function within<T>(
  bounds: {
    readonly clock: Clock;
    readonly signal: AbortSignal;
    readonly limitMs?: number;
    readonly late: () => Error;
  },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { clock, limitMs } = bounds;
  const done = new AbortController();
  const timer = new AbortController();
  const signal = AbortSignal.any([bounds.signal, timer.signal]);
  signal.throwIfAborted();
  const ignoreEnd = (): void => undefined; // the sleep was cut short because the work ended
  if (limitMs !== undefined) clock.sleep(limitMs, done.signal).then(() => timer.abort(bounds.late()), ignoreEnd);
  const givenUp = Promise.withResolvers<undefined>();
  const giveUp = (): void => {
    clock.sleep(GRACE_MS, done.signal).then(() => givenUp.resolve(undefined), ignoreEnd);
  };
  signal.addEventListener('abort', giveUp);
  try {
    const result = await Promise.race([work(signal), givenUp.promise]);
    signal.throwIfAborted();
    // The cast is true: `givenUp` resolves only after the signal aborted, which the line above threw for.
    return result as T;
  } catch (cause) {
    signal.throwIfAborted();
    throw cause;
  } finally {
    done.abort();
    signal.removeEventListener('abort', giveUp); // else it is kept as long as the signal that may abort it
  }
}
