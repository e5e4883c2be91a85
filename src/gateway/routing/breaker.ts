import type { Millis } from '#kernel/clock.ts';

const FAILURES = 5;
const REST_MS = 10_000;

interface State {
  failures: number;
  /** No call before this, but for one that tries. */
  openUntil: number;
  trying: boolean;
}

/** Circuit breakers (Nygard, Release It!): after five failures in a row a place is left alone for ten seconds, then one call tries it. */
export class Breakers {
  readonly #states = new Map<string, State>();

  /** May this place be called now? A place that rests lets one call through when its time is over. */
  admits(place: string, now: Millis): boolean {
    const state = this.#states.get(place);
    if (state === undefined || state.failures < FAILURES) return true;
    if (now < state.openUntil || state.trying) return false;
    state.trying = true;
    return true;
  }

  succeeded(place: string): void {
    this.#states.delete(place);
  }

  failed(place: string, now: Millis): void {
    const state = this.#states.get(place) ?? { failures: 0, openUntil: 0, trying: false };
    state.failures++;
    state.trying = false;
    if (state.failures >= FAILURES) state.openUntil = now + REST_MS;
    this.#states.set(place, state);
  }

  /** Places that rest now. */
  open(now: Millis): readonly string[] {
    return [...this.#states].flatMap(([place, state]) =>
      state.failures >= FAILURES && now < state.openUntil ? [place] : [],
    );
  }
}
