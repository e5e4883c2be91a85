import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import type { Brand } from './brand.ts';

/** Milliseconds since the Unix epoch, or a length of time in milliseconds; always an integer. */
export type Millis = Brand<number, 'Millis'>;

/** The only source of time. Everything that waits takes one, so that tests decide what time it is. */
export interface Clock {
  now(): Millis;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export function millis(value: number): Millis {
  // The cast is true: rounding makes the integer that the brand promises.
  return Math.round(value) as Millis;
}

/** Milliseconds on a clock that never jumps; the same in all threads of a machine. For lengths of time, not for dates. */
export function steadyMillis(): Millis {
  return millis(Number(process.hrtime.bigint() / 1_000_000n));
}

/** Resolves when everything that had arrived by now (requests, answers, files) has been looked at once. */
export function nextTurn(): Promise<void> {
  return turn();
}

export const systemClock: Clock = {
  now: () => millis(Date.now()),
  sleep: async (ms, signal) => {
    try {
      await delay(ms, undefined, signal ? { signal } : {});
    } catch (cause) {
      // Node rejects with an error of its own.
      signal?.throwIfAborted();
      throw cause;
    }
  },
};

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** A clock that moves only when told to: `advance` wakes every sleeper whose time has come, in order. */
export class ManualClock implements Clock {
  #now: number;
  #sleepers: Sleeper[] = [];

  constructor(start = 0) {
    this.#now = start;
  }

  now(): Millis {
    return millis(this.#now);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const abort = (): void => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        reject(signal?.reason);
      };
      const wake = (): void => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      const sleeper = { at: this.#now + ms, wake };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  advance(ms: number): void {
    this.#now += ms;
    const due = this.#sleepers.filter((sleeper) => sleeper.at <= this.#now).sort((a, b) => a.at - b.at);
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper.at > this.#now);
    for (const sleeper of due) sleeper.wake();
  }
}
