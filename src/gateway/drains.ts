import type { Clock } from '#kernel/clock.ts';

/** One answer that is being read. */
export interface Reading {
  /** Ends the connection to the provider: some time after the client hung up. */
  readonly signal: AbortSignal;
  /** The rest is read without anybody waiting for it. */
  background(work: Promise<void>): void;
  done(): void;
}

/**
 * A client that hangs up does not stop what it ordered: the answer is read on for a while, so that what it costs is
 * known; after that the connection is ended and the most that it can have cost is charged.
 */
export class Drains {
  readonly #clock: Clock;
  readonly #drainMs: number;
  readonly #background = new Set<Promise<void>>();

  constructor(options: { clock: Clock; drainMs: number }) {
    this.#clock = options.clock;
    this.#drainMs = options.drainMs;
  }

  reading(gone: AbortSignal): Reading {
    const stop = new AbortController();
    const over = new AbortController();
    const hungUp = (): void => {
      this.#clock.sleep(this.#drainMs, over.signal).then(
        () => stop.abort(new Error('nobody waits for this answer any more')),
        () => undefined,
      );
    };
    if (gone.aborted) hungUp();
    else gone.addEventListener('abort', hungUp, { once: true });
    const done = (): void => {
      gone.removeEventListener('abort', hungUp);
      over.abort('read'); // a reason of its own: the default one is an exception with its stack
    };
    return {
      signal: stop.signal,
      done,
      background: (work) => {
        const kept = work.finally(() => this.#background.delete(kept));
        this.#background.add(kept);
      },
    };
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#background);
  }
}
