import type { Millis } from '#kernel/clock.ts';
import { sha256 } from '#kernel/digest.ts';
import { GatewayError } from '../errors.ts';
import { BUNDLED_SHEET, bundledRates } from './bundled.ts';
import type { Rates } from './rates.ts';
import type { PriceSheet } from './sheet.ts';

const MINUTE = 60_000;

/** Rates and where they came from, as they are kept with each call. */
export interface Price {
  readonly rates: Rates;
  /** SHA-256 over every sheet of the book. */
  readonly sheet: string;
  /** Written down once for all calls of a minute. */
  readonly ratesJson: string;
}

/** What models cost: a signed sheet before the operator's own file before the public prices. */
export class PriceBook {
  readonly digest: string;
  readonly #sheets: readonly PriceSheet[];
  readonly #known = new Map<string, { readonly minute: number; readonly price: Price | undefined }>();

  /** Sheets, the one that wins first. */
  constructor(sheets: readonly PriceSheet[]) {
    this.#sheets = sheets;
    this.digest = sha256([...sheets.map((sheet) => sheet.digest), BUNDLED_SHEET].join('\n'));
  }

  /** Throws PRICES_EXPIRED when a sheet is older than it says it may be: its prices are wrong, and so would be any others. */
  check(at: Millis): void {
    for (const { where, validUntil } of this.#sheets) {
      if (validUntil === undefined || at <= validUntil) continue;
      throw new GatewayError('PRICES_EXPIRED', `${where} was valid until ${new Date(validUntil).toISOString()}`, {
        where,
      });
    }
  }

  /** Undefined when nobody says what it costs; such a call is refused. Throws PRICES_EXPIRED. */
  price(provider: string, model: string, at: Millis): Price | undefined {
    const name = `${provider}/${model}`;
    const minute = Math.floor(at / MINUTE);
    const known = this.#known.get(name);
    if (known?.minute === minute) return known.price;
    const price = this.#find(provider, model, at);
    this.#known.set(name, { minute, price });
    return price;
  }

  #find(provider: string, model: string, at: Millis): Price | undefined {
    this.check(at);
    const own = this.#sheets.map((sheet) => sheet.rates(provider, model)).find((rates) => rates !== undefined);
    const rates = own ?? bundledRates(provider, model, at);
    return rates && { rates, sheet: this.digest, ratesJson: JSON.stringify(rates) };
  }
}
