import type { Clock } from '#kernel/clock.ts';
import type { Json } from '#kernel/json.ts';
import { formatDuration } from '#kernel/duration.ts';
import type { Reason } from '#domain/reason.ts';
import { APP_ERRORS } from '../fault.ts';

/**
 * One clock over a whole run: the time of its steps counts, also of those that an earlier worker did; time in which no
 * worker had the run does not. Once it has run out, only what ends the run still goes on.
 */
export class RunClock {
  readonly #clock: Clock;
  readonly #wallMs: number;
  #usedMs: number;
  #over = false;

  constructor(options: { clock: Clock; wallMs: number; usedMs: number }) {
    this.#clock = options.clock;
    this.#wallMs = options.wallMs;
    this.#usedMs = options.usedMs;
  }

  /** Runs a step's effect while there is time; its signal aborts when there is none left, and then it comes to a fault. */
  async within<T extends Json>(
    signal: AbortSignal,
    effect: (signal: AbortSignal) => Promise<T>,
  ): Promise<{ readonly done: T } | { readonly fault: Reason }> {
    if (this.#over) return { done: await effect(signal) };
    const startedAt = this.#clock.now();
    const wall = new AbortController();
    const ended = new AbortController();
    const left = Math.max(0, this.#wallMs - this.#usedMs);
    this.#clock.sleep(left, ended.signal).then(
      () => wall.abort(new Error('the run has taken all its time')),
      () => undefined,
    );
    try {
      const done = await effect(AbortSignal.any([signal, wall.signal]));
      return wall.signal.aborted ? this.#runOut() : { done };
    } catch (error) {
      if (!wall.signal.aborted || signal.aborted) throw error;
      return this.#runOut();
    } finally {
      ended.abort();
      this.#usedMs += this.#clock.now() - startedAt;
    }
  }

  /** From now on only what ends the run is done, however long it takes. */
  end(): void {
    this.#over = true;
  }

  #runOut(): { readonly fault: Reason } {
    this.#over = true;
    const msg = `the run has taken the ${formatDuration(this.#wallMs)} that one run may take`;
    return { fault: { code: 'RUN_TIMED_OUT', msg, field: 'run.wall', fix: APP_ERRORS.RUN_TIMED_OUT.cure } };
  }
}
