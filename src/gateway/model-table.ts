import type { Clock } from '#kernel/clock.ts';
import type { Catalog, Target } from './catalog.ts';
import type { PriceBook } from './prices/price-book.ts';
import type { Rates } from './prices/rates.ts';

/** The models of the gateway file, where each is asked first, and what it costs. */
export class ModelTable {
  readonly catalog: Catalog;
  readonly #prices: PriceBook;
  readonly #clock: Clock;

  constructor({ catalog, prices, clock }: { catalog: Catalog; prices: PriceBook; clock: Clock }) {
    this.catalog = catalog;
    this.#prices = prices;
    this.#clock = clock;
  }

  /** The place that is used unless it is out of order. Throws MODEL_UNKNOWN. */
  place(name: string): Target | undefined {
    return this.catalog.model(name).targets[0];
  }

  /** What it costs by kind of token; undefined when nobody says. Throws MODEL_UNKNOWN and PRICES_EXPIRED. */
  rates(name: string): Rates | undefined {
    const place = this.place(name);
    return place && this.#prices.price(place.provider.prices, place.model, this.#clock.now())?.rates;
  }

  /**
   * Nano-dollars for four million tokens, three of them read and one written, as an agent's calls roughly are: good for
   * telling dear from cheap. Undefined when nobody says what the model costs. Throws MODEL_UNKNOWN and PRICES_EXPIRED.
   */
  price(name: string): number | undefined {
    const rates = this.rates(name);
    return rates && 3 * rates.input.nanoPerMtok + rates.output.nanoPerMtok;
  }
}
