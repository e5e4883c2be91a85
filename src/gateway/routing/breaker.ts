import { type Clock, millis } from '#kernel/clock.ts';
import type { Log } from '#kernel/log.ts';
import type { Outage, Outages } from '../ports.ts';
import { WRONG_MS } from './line.ts';

const FAILURES = 5;
const REST_MS = 10_000;

/**
 * Circuit breakers (Nygard, Release It!): after five failures in a row a place rests for ten seconds, then it is tried
 * again. Failures count over all processes; what others saw is known here after the next sweep. This is advice, so what
 * cannot be told to others breaks no call.
 */
export class Breakers {
  readonly #clock: Clock;
  readonly #outages: Outages;
  readonly #log: Log;
  #known = new Map<string, Outage>();

  constructor(parts: { clock: Clock; outages: Outages; log: Log }) {
    this.#clock = parts.clock;
    this.#outages = parts.outages;
    this.#log = parts.log;
  }

  rests(place: string): boolean {
    const outage = this.#known.get(place);
    if (outage === undefined || outage.failures < FAILURES) return false;
    const leftMs = outage.restsUntil - this.#clock.now();
    return leftMs > 0 && leftMs <= WRONG_MS;
  }

  async succeeded(place: string): Promise<void> {
    if (this.#known.delete(place))
      await this.#outages.over(place).catch((error: unknown) => this.#untold(place, error));
  }

  async failed(place: string): Promise<void> {
    const restsUntil = millis(this.#clock.now() + REST_MS);
    try {
      this.#known.set(place, await this.#outages.failed(place, restsUntil));
    } catch (error) {
      this.#known.set(place, { failures: (this.#known.get(place)?.failures ?? 0) + 1, restsUntil });
      this.#untold(place, error);
    }
  }

  #untold(place: string, error: unknown): void {
    this.#log.log('error', 'others could not be told how a provider does', { place, error: String(error) });
  }

  async sweep(): Promise<void> {
    this.#known = new Map(await this.#outages.all());
  }
}
