import type { Counts } from './burn.ts';

const MINUTE = 60_000;

interface Bucket {
  readonly minute: number;
  /** Totals since the beginning, so that a window is one subtraction. */
  good: number;
  bad: number;
}

/** Number of the minute that a moment lies in. */
export function minuteOf(at: number): number {
  return Math.floor(at / MINUTE);
}

/** First minute of the window of `ms` that ends now: the oldest, partial minute is left out. */
export function firstMinute(now: number, ms: number): number {
  return minuteOf(now) - Math.round(ms / MINUTE) + 1;
}

/** Starts counted by the minute, with running totals: O(1) to count, O(log n) to ask. What comes with an earlier time than the last counts for the last. */
export class MinuteCounts {
  #buckets: Bucket[] = [];
  readonly #keepMs: number;

  constructor(options: { readonly keepMs: number }) {
    this.#keepMs = options.keepMs;
  }

  count(at: number, outcome: keyof Counts, times = 1): void {
    const minute = minuteOf(at);
    let last = this.#buckets.at(-1);
    if (last === undefined || last.minute < minute) {
      last = { minute, good: last?.good ?? 0, bad: last?.bad ?? 0 };
      this.#buckets.push(last);
      this.#forget(minute);
    }
    last[outcome] += times;
  }

  within(now: number, ms: number): Counts {
    const last = this.#buckets.at(-1);
    const before = this.#lastBefore(firstMinute(now, ms));
    return {
      good: (last?.good ?? 0) - (before?.good ?? 0),
      bad: (last?.bad ?? 0) - (before?.bad ?? 0),
    };
  }

  #lastBefore(minute: number): Bucket | undefined {
    let [low, high] = [0, this.#buckets.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#buckets[middle]?.minute ?? Infinity) < minute) low = middle + 1;
      else high = middle;
    }
    return this.#buckets[low - 1];
  }

  /** Drops what no window reaches, but the last of them, whose totals the windows start from. */
  #forget(minute: number): void {
    const oldest = minute - Math.ceil(this.#keepMs / MINUTE);
    const kept = this.#buckets.findIndex((bucket) => bucket.minute >= oldest);
    if (kept > 1000) this.#buckets = this.#buckets.slice(kept - 1);
  }
}
