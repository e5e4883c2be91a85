import type { Millis } from '#kernel/clock.ts';

const FAILURES = 5;
const REST_MS = 10_000;

/** Circuit breakers (Nygard, Release It!): after five failures in a row a place rests for ten seconds, then it is tried again. */
export class Breakers {
  readonly #failed = new Map<string, { failures: number; restsUntil: number }>();

  rests(place: string, now: Millis): boolean {
    const state = this.#failed.get(place);
    return state !== undefined && state.failures >= FAILURES && now < state.restsUntil;
  }

  succeeded(place: string): void {
    this.#failed.delete(place);
  }

  failed(place: string, now: Millis): void {
    const failures = (this.#failed.get(place)?.failures ?? 0) + 1;
    this.#failed.set(place, { failures, restsUntil: now + REST_MS });
  }
}
