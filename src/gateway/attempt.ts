import type { Clock } from '#kernel/clock.ts';
import type { Log } from '#kernel/log.ts';
import { type NanoUsd, nanoUsd } from '#kernel/money.ts';
import type { Target } from './catalog.ts';
import type { Asked, WireFormat } from './formats/format.ts';
import type { Draw } from './money/purse.ts';
import type { CallBook, CostSource, OpenCall } from './ports.ts';
import type { Price } from './prices/price-book.ts';
import { costOf, uncachedCost } from './prices/rates.ts';
import { NO_TOKENS, promptTokens, type TokenUsage } from './tokens.ts';

/** What is known when an attempt is over. */
export interface End {
  readonly source: CostSource;
  readonly usage?: TokenUsage;
  readonly status: number;
  readonly upstreamRequest?: string | undefined;
}

/** One attempt at one provider: paid, on record, and ended exactly once, whatever happens to it. */
export class Attempt {
  readonly open: OpenCall;
  readonly target: Target;
  readonly asked: Asked;
  /** What the client speaks, and what the provider does. */
  readonly client: WireFormat;
  readonly wire: WireFormat;
  readonly #draw: Draw;
  readonly #price: Price;
  readonly #book: CallBook;
  readonly #clock: Clock;
  readonly #log: Log;
  #ended = false;
  /** Known once the attempt has ended. */
  costNano: NanoUsd = nanoUsd(0);

  constructor(parts: {
    open: OpenCall;
    target: Target;
    asked: Asked;
    client: WireFormat;
    wire: WireFormat;
    draw: Draw;
    price: Price;
    book: CallBook;
    clock: Clock;
    log: Log;
  }) {
    this.open = parts.open;
    this.target = parts.target;
    this.asked = parts.asked;
    this.client = parts.client;
    this.wire = parts.wire;
    this.#draw = parts.draw;
    this.#price = parts.price;
    this.#book = parts.book;
    this.#clock = parts.clock;
    this.#log = parts.log;
  }

  /** Settles the money at once; the record follows, and a crash before it leaves the bound. The second time it does nothing. */
  end(end: End): void {
    if (this.#ended) return;
    this.#ended = true;
    const now = this.#clock.now();
    const costNano = this.#cost(end);
    this.costNano = costNano;
    if (costNano > this.open.boundNano) {
      this.#log.log('error', 'a call cost more than its bound', { call: this.open.id, model: this.open.model });
    }
    const usage = end.usage ?? NO_TOKENS;
    this.#draw.settle(costNano, now);
    this.#book.end({
      id: this.open.id,
      costNano,
      source: end.source,
      usage,
      status: end.status,
      savedNano: end.source === 'reported' ? this.#saved(usage, costNano) : nanoUsd(0),
      upstreamRequest: end.upstreamRequest ?? null,
      at: now,
    });
  }

  /** Until the end is on record; false when it could not be brought there. */
  recorded(): Promise<boolean> {
    return this.#book.written();
  }

  #cost({ source, usage }: End): NanoUsd {
    if (source === 'refused' || source === 'unsent') return nanoUsd(0);
    if (source === 'reported' && usage !== undefined) return costOf(usage, this.#price.rates);
    // The prompt may be known exactly where the answer is not.
    if (usage === undefined || promptTokens(usage) === 0) return this.open.boundNano;
    const most = { ...usage, output: this.open.maxOutput * this.asked.choices };
    return nanoUsd(Math.min(costOf(most, this.#price.rates), this.open.boundNano));
  }

  #saved(usage: TokenUsage, costNano: NanoUsd): NanoUsd {
    if (usage.cacheRead === 0) return nanoUsd(0);
    return nanoUsd(uncachedCost(usage, this.#price.rates) - costNano);
  }
}
