import type { Clock, Millis } from '#kernel/clock.ts';
import type { TenantId } from '#domain/ids.ts';
import type { Provider } from '../catalog.ts';
import { GatewayError } from '../errors.ts';
import type { Brakes } from '../ports.ts';
import type { Stop } from '../stop.ts';

const MINUTE = 60_000;
/** A provider counts over a minute but often in shorter slices: what lies unused is kept for so long only. */
const BURST_MS = 10_000;
const LONGEST_WAIT_MS = 30_000;

interface Waiting {
  readonly tenant: TenantId;
  readonly tokens: number;
  readonly start: number;
  readonly since: Millis;
  go: (waitedMs: number) => void;
}

/** One provider's key: what is left of its minute, and who waits. */
interface Line {
  requests: number;
  tokens: number;
  filledAt: Millis;
  /** Start-time fair queueing (Goyal, Vin, Cheng 1996): tags in tokens over weight. */
  virtual: number;
  readonly finish: Map<TenantId, number>;
  waiting: Waiting[];
  pumping: boolean;
}

/** Shares the requests and tokens a minute of one company key between tenants by weight. In the memory of this process. */
export class ProviderLimits {
  readonly #clock: Clock;
  readonly #brakes: Brakes;
  readonly #lines = new Map<string, Line>();

  constructor(options: { clock: Clock; brakes: Brakes }) {
    this.#clock = options.clock;
    this.#brakes = options.brakes;
  }

  /** Waits for a turn; gives the milliseconds waited. Throws UPSTREAM_LIMITED when none comes in half a minute, or when the client hung up. */
  async turn(provider: Provider, tenant: TenantId, tokens: number, gone: Stop): Promise<number> {
    const { requestsPerMinute, tokensPerMinute } = provider;
    if (requestsPerMinute === undefined && tokensPerMinute === undefined) return 0;
    const line = this.#lineOf(provider);
    this.#fill(provider, line);
    // A prompt larger than the whole allowance goes when the allowance is full.
    const asked = Math.min(tokens, burst(tokensPerMinute));
    if (line.waiting.length === 0 && fits(line, asked)) {
      this.#serve(line, tenant, asked, Math.max(line.virtual, line.finish.get(tenant) ?? 0));
      return 0;
    }
    return this.#wait(provider, line, tenant, asked, gone);
  }

  /** Calls that wait now, by tenant. */
  waits(): readonly { readonly provider: string; readonly tenant: TenantId; readonly sinceMs: number }[] {
    const now = this.#clock.now();
    return [...this.#lines].flatMap(([provider, line]) =>
      line.waiting.map(({ tenant, since }) => ({ provider, tenant, sinceMs: now - since })),
    );
  }

  async #wait(provider: Provider, line: Line, tenant: TenantId, tokens: number, gone: Stop): Promise<number> {
    const start = Math.max(line.virtual, line.finish.get(tenant) ?? 0);
    line.finish.set(tenant, start + tokens / this.#brakes.weight(tenant));
    const entry: Waiting = { tenant, tokens, start, since: this.#clock.now(), go: () => undefined };
    const turn = new Promise<number>((resolve) => (entry.go = resolve));
    line.waiting.push(entry);
    const over = new AbortController();
    void this.#pump(provider, line);
    const late = this.#clock.sleep(LONGEST_WAIT_MS, AbortSignal.any([gone.signal(), over.signal])).then(
      () => 'late' as const,
      () => 'late' as const,
    );
    try {
      const waited = await Promise.race([turn, late]);
      if (waited !== 'late') return waited;
      line.waiting = line.waiting.filter((each) => each !== entry);
      const message = `${provider.name} has no requests or tokens left in this minute`;
      throw new GatewayError('UPSTREAM_LIMITED', message, { provider: provider.name, retryAfter: 10 });
    } finally {
      over.abort();
    }
  }

  async #pump(provider: Provider, line: Line): Promise<void> {
    if (line.pumping) return;
    line.pumping = true;
    for (;;) {
      const next = line.waiting.reduce<Waiting | undefined>(
        (a, b) => (a === undefined || b.start < a.start ? b : a),
        undefined,
      );
      if (next === undefined) break;
      this.#fill(provider, line);
      if (!fits(line, next.tokens)) {
        await this.#clock.sleep(20);
        continue;
      }
      line.waiting = line.waiting.filter((each) => each !== next);
      this.#take(line, next.tokens, next.start);
      next.go(this.#clock.now() - next.since);
    }
    line.pumping = false;
  }

  #serve(line: Line, tenant: TenantId, tokens: number, start: number): void {
    line.finish.set(tenant, start + tokens / this.#brakes.weight(tenant));
    this.#take(line, tokens, start);
  }

  #take(line: Line, tokens: number, start: number): void {
    line.requests -= 1;
    line.tokens -= tokens;
    line.virtual = Math.max(line.virtual, start);
  }

  #fill({ requestsPerMinute, tokensPerMinute }: Provider, line: Line): void {
    const now = this.#clock.now();
    const passed = Math.max(0, now - line.filledAt) / MINUTE;
    line.filledAt = now;
    // Without a limit there is always an infinity left.
    if (requestsPerMinute !== undefined) {
      line.requests = Math.min(burst(requestsPerMinute), line.requests + passed * requestsPerMinute);
    }
    if (tokensPerMinute !== undefined) {
      line.tokens = Math.min(burst(tokensPerMinute), line.tokens + passed * tokensPerMinute);
    }
  }

  #lineOf({ name, requestsPerMinute, tokensPerMinute }: Provider): Line {
    let line = this.#lines.get(name);
    if (line === undefined) {
      line = {
        requests: burst(requestsPerMinute),
        tokens: burst(tokensPerMinute),
        filledAt: this.#clock.now(),
        virtual: 0,
        finish: new Map(),
        waiting: [],
        pumping: false,
      };
      this.#lines.set(name, line);
    }
    return line;
  }
}

/** Most that can be used at once. */
function burst(perMinute: number | undefined): number {
  return perMinute === undefined ? Number.POSITIVE_INFINITY : Math.max(1, (perMinute * BURST_MS) / MINUTE);
}

function fits(line: Line, tokens: number): boolean {
  return line.requests >= 1 && line.tokens >= tokens;
}
