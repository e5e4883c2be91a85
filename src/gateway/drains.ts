import type { Clock } from '#kernel/clock.ts';
import { Stop } from './stop.ts';

/** How long one answer is read. */
export interface Reading {
  /** Ends the connection to the provider: some time after the client hung up. */
  readonly stop: Stop;
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

  reading(gone: Stop): Reading {
    const stop = new Stop();
    let over: AbortController | undefined;
    const hungUp = (): void => {
      over = new AbortController();
      this.#clock.sleep(this.#drainMs, over.signal).then(
        () => stop.now(new Error('nobody waits for this answer any more')),
        () => undefined,
      );
    };
    gone.on(hungUp);
    const done = (): void => {
      gone.off(hungUp);
      over?.abort('read'); // a reason of its own: the default one is an exception with its stack
    };
    return {
      stop,
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
