import type { Clock } from '#kernel/clock.ts';
import type { Catalog, Target } from './catalog.ts';
import type { PriceBook } from './prices/price-book.ts';

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

  /**
   * Nano-dollars for four million tokens, three of them read and one written, as an agent's calls roughly are: good for
   * telling dear from cheap. Undefined when nobody says what the model costs. Throws MODEL_UNKNOWN and PRICES_EXPIRED.
   */
  price(name: string): number | undefined {
    const place = this.place(name);
    const price = place && this.#prices.price(place.provider.prices, place.model, this.#clock.now());
    return price && 3 * price.rates.input.nanoPerMtok + price.rates.output.nanoPerMtok;
  }
}
