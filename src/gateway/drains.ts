import type { Clock } from '#kernel/clock.ts';
import { GatewayError } from './errors.ts';
import { Stop } from './stop.ts';

/** When answers must have ended by then, so much longer for what ends them to be noticed. */
const NOTICED_MS = 1000;

/** One attempt, from before its money is held until it is accounted. */
export interface Reading {
  /** Ends the connection to the provider: some time after the client hung up, or after the gateway was told to stop. */
  readonly stop: Stop;
  /** The second time it does nothing. */
  done(): void;
}

/**
 * A client that hangs up does not stop what it ordered: the answer is read on for a while, so that what it costs is
 * known; after that the connection is ended and the most that it can have cost is charged. A gateway that stops waits
 * for every answer under way, and no longer than for one whose client hung up.
 */
export class Drains {
  readonly #clock: Clock;
  readonly #drainMs: number;
  /** What is under way, each with what starts the clock that ends it. */
  readonly #open = new Map<Reading, () => void>();
  readonly #empty = Promise.withResolvers<void>();
  #closing = false;

  constructor(options: { clock: Clock; drainMs: number }) {
    this.#clock = options.clock;
    this.#drainMs = options.drainMs;
  }

  /** Throws GATEWAY_STOPPING once it is closing. */
  reading(gone: Stop): Reading {
    if (this.#closing) throw new GatewayError('GATEWAY_STOPPING', 'this gateway is being stopped', { retryAfter: 1 });
    const stop = new Stop();
    let over: AbortController | undefined;
    const hungUp = (): void => {
      if (over !== undefined) return;
      over = new AbortController();
      this.#clock.sleep(this.#drainMs, over.signal).then(
        () => stop.now(new Error('nobody waits for this answer any more')),
        () => undefined,
      );
    };
    const done = (): void => {
      if (!this.#open.delete(reading)) return;
      gone.off(hungUp);
      over?.abort('read'); // a reason of its own: the default one is an exception with its stack
      if (this.#closing && this.#open.size === 0) this.#empty.resolve();
    };
    const reading = { stop, done };
    this.#open.set(reading, hungUp);
    gone.on(hungUp);
    return reading;
  }

  /** Until everything under way is done, or was given the time of a client that hung up. */
  async close(): Promise<void> {
    this.#closing = true;
    if (this.#open.size === 0) return;
    for (const hungUp of this.#open.values()) hungUp();
    const over = new AbortController();
    const late = this.#clock.sleep(this.#drainMs + NOTICED_MS, over.signal).catch(() => undefined);
    await Promise.race([this.#empty.promise, late]);
    over.abort('closed');
  }
}
