import type { FastifyReply } from 'fastify';
import type { Clock } from '#kernel/clock.ts';
import { ApiError } from '#api/index.ts';

const MINUTE_MS = 60_000;
/** Meters that are remembered at the same time. */
const MOST_METERS = 10_000;

/** Requests of each meter in one minute windows of this process, told with the headers of draft-ietf-httpapi-ratelimit-headers. */
export class RateLimit {
  readonly #clock: Clock;
  readonly #counts = new Map<string, { count: number; endsAt: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts one request. Throws RATE_LIMITED when there were `most` in this minute already. */
  count(meter: string, most: number, reply: FastifyReply): void {
    const now = this.#clock.now();
    const known = this.#counts.get(meter);
    const window = known !== undefined && known.endsAt > now ? known : { count: 0, endsAt: now + MINUTE_MS };
    if (window !== known) this.#remember(meter, window);
    window.count += 1;
    const seconds = Math.ceil((window.endsAt - now) / 1000);
    void reply.headers({
      'ratelimit-limit': most,
      'ratelimit-remaining': Math.max(0, most - window.count),
      'ratelimit-reset': seconds,
    });
    if (window.count <= most) return;
    void reply.header('retry-after', seconds);
    throw new ApiError('RATE_LIMITED', `more than ${most} requests in a minute`);
  }

  /** The oldest meter makes room. */
  #remember(meter: string, window: { count: number; endsAt: number }): void {
    this.#counts.delete(meter);
    this.#counts.set(meter, window);
    const [oldest] = this.#counts.keys();
    if (this.#counts.size > MOST_METERS && oldest !== undefined) this.#counts.delete(oldest);
  }
}
