import { type Clock, millis } from '#kernel/clock.ts';
import type { Outage, Outages } from '../ports.ts';

const FAILURES = 5;
const REST_MS = 10_000;

/**
 * Circuit breakers (Nygard, Release It!): after five failures in a row a place rests for ten seconds, then it is tried
 * again. Failures count over all processes; what others saw is known here after the next sweep.
 */
export class Breakers {
  readonly #clock: Clock;
  readonly #outages: Outages;
  #known = new Map<string, Outage>();

  constructor(parts: { clock: Clock; outages: Outages }) {
    this.#clock = parts.clock;
    this.#outages = parts.outages;
  }

  rests(place: string): boolean {
    const outage = this.#known.get(place);
    return outage !== undefined && outage.failures >= FAILURES && this.#clock.now() < outage.restsUntil;
  }

  async succeeded(place: string): Promise<void> {
    if (this.#known.delete(place)) await this.#outages.over(place);
  }

  async failed(place: string): Promise<void> {
    this.#known.set(place, await this.#outages.failed(place, millis(this.#clock.now() + REST_MS)));
  }

  async sweep(): Promise<void> {
    this.#known = new Map(await this.#outages.all());
  }
}
