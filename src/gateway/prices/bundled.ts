import { calcPrice, type ModelPrice } from '@pydantic/genai-prices';
import type { Millis } from '#kernel/clock.ts';
import type { Rate, Rates } from './rates.ts';

/** The public prices that come with the package `@pydantic/genai-prices`, in dollars per million tokens. */
export const BUNDLED_SHEET = 'genai-prices 0.1.8';

/**
 * Public rates of a provider's model at a moment (some change by date or by hour). Undefined for what the sheet does not
 * know: an unknown price is never zero.
 */
export function bundledRates(provider: string, model: string, at: Millis): Rates | undefined {
  const known = calcPrice({ input_tokens: 1, output_tokens: 1 }, model, {
    providerId: provider,
    timestamp: new Date(at),
  });
  return known === null ? undefined : ratesOf(known.model_price);
}

function ratesOf(price: ModelPrice): Rates | undefined {
  const input = rateOf(price['input_mtok']);
  const output = rateOf(price['output_mtok']);
  if (input === undefined || output === undefined) return undefined;
  const cacheWrite = rateOf(price['cache_write_mtok']) ?? input;
  return {
    input,
    output,
    // What has no price of its own is billed as plain input.
    cacheRead: rateOf(price['cache_read_mtok']) ?? input,
    cacheWrite,
    cacheWriteHour: rateOf(price['cache_write_1h_mtok']) ?? cacheWrite,
  };
}

function rateOf(price: ModelPrice[string]): Rate | undefined {
  if (price === undefined) return undefined;
  if (typeof price === 'number') return { nanoPerMtok: nanoOf(price), tiers: [] };
  const tiers = price.tiers.map((tier) => ({ above: tier.start, nanoPerMtok: nanoOf(tier.price) }));
  return { nanoPerMtok: nanoOf(price.base), tiers };
}

/** Dollars to nano-dollars: prices have a few decimals, so rounding only removes the dust of binary fractions. */
function nanoOf(dollars: number): number {
  return Math.round(dollars * 1e9);
}
