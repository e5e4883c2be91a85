import type { Clock } from '#kernel/clock.ts';
import type { Ids } from '#kernel/ids.ts';
import type { TenantId } from '#domain/ids.ts';
import type { Provider } from '../catalog.ts';
import { GatewayError } from '../errors.ts';
import type { Brakes, Lines } from '../ports.ts';
import type { Stop } from '../stop.ts';
import type { Ask } from './line.ts';

const LONGEST_WAIT_MS = 30_000;
/** Between two looks at the line while calls wait. */
const ROUND_MS = 20;

interface Mine extends Ask {
  go: (waitedMs: number) => void;
  fail: (cause: unknown) => void;
}

/** This process's part of one provider's line. */
interface Place {
  /** Each with what makes it leave. */
  readonly asks: Map<Mine, () => void>;
  readonly left: string[];
  playing: boolean;
}

/** Shares the requests and tokens a minute of one company key between tenants by weight, over all processes. */
export class ProviderLimits {
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #brakes: Brakes;
  readonly #lines: Lines;
  readonly #places = new Map<string, Place>();

  constructor(options: { clock: Clock; ids: Ids; brakes: Brakes; lines: Lines }) {
    this.#clock = options.clock;
    this.#ids = options.ids;
    this.#brakes = options.brakes;
    this.#lines = options.lines;
  }

  /** Waits for a turn; gives the milliseconds waited. Throws UPSTREAM_LIMITED when none comes in half a minute, or when the client hung up. */
  async turn(provider: Provider, tenant: TenantId, tokens: number, gone: Stop): Promise<number> {
    if (provider.requestsPerMinute === undefined && provider.tokensPerMinute === undefined) return 0;
    const place = this.#placeOf(provider.name);
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const ask: Mine = {
      id: this.#ids.next('turn'),
      tenant,
      weight: this.#brakes.weight(tenant),
      tokens,
      since: this.#clock.now(),
      go: resolve,
      fail: reject,
    };
    const message = `${provider.name} has no requests or tokens left in this minute`;
    const leave = (): void => {
      if (!place.asks.delete(ask)) return;
      place.left.push(ask.id);
      reject(new GatewayError('UPSTREAM_LIMITED', message, { provider: provider.name, retryAfter: 10 }));
    };
    place.asks.set(ask, leave);
    gone.on(leave);
    if (!place.playing) void this.#play(provider, place);
    return promise.finally(() => gone.off(leave));
  }

  /** Rounds on the shared line while calls of this process wait. */
  async #play(provider: Provider, place: Place): Promise<void> {
    place.playing = true;
    while (place.asks.size > 0 || place.left.length > 0) {
      const mine = [...place.asks.keys()];
      const left = place.left.splice(0);
      try {
        const served = await this.#lines.play(provider.name, {
          now: this.#clock.now(),
          limits: provider,
          mine: mine.map(({ id, tenant, weight, tokens, since }) => ({ id, tenant, weight, tokens, since })),
          left,
        });
        this.#go(place, mine, served);
      } catch (cause) {
        for (const ask of mine) if (place.asks.delete(ask)) ask.fail(cause);
      }
      if (place.asks.size > 0) await this.#clock.sleep(ROUND_MS);
    }
    place.playing = false;
  }

  #go(place: Place, mine: readonly Mine[], served: readonly string[]): void {
    const now = this.#clock.now();
    for (const ask of mine) {
      const leave = place.asks.get(ask);
      if (leave === undefined) continue; // it left meanwhile; what it was given is lost
      if (served.includes(ask.id)) {
        place.asks.delete(ask);
        ask.go(now - ask.since);
      } else if (now - ask.since >= LONGEST_WAIT_MS) leave();
    }
  }

  #placeOf(provider: string): Place {
    let place = this.#places.get(provider);
    if (place === undefined) {
      place = { asks: new Map(), left: [], playing: false };
      this.#places.set(provider, place);
    }
    return place;
  }
}
