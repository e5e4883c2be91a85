import { z } from 'zod';
import { type Millis, millis } from '#kernel/clock.ts';
import { digestOf } from '#kernel/digest.ts';
import { GatewayError } from '../errors.ts';
import type { Rate, Rates } from './rates.ts';

const dollars = z.number().min(0).max(1e6);
const rate = z.union([
  dollars,
  z.strictObject({ base: dollars, tiers: z.array(z.strictObject({ above: z.number().int().min(0), price: dollars })) }),
]);
const model = z.strictObject({
  input: rate,
  output: rate,
  cacheRead: rate.optional(),
  cacheWrite: rate.optional(),
  cacheWriteHour: rate.optional(),
});
const schema = z.strictObject({
  prices: z.record(z.string(), z.record(z.string(), model)),
  validUntil: z.iso.datetime({ offset: true }).optional(),
});

/** Own prices by provider and exact model name, and the digest under which calls name them. */
export interface PriceSheet {
  readonly where: string;
  readonly digest: string;
  /** Afterwards nobody says what its models cost. Undefined: for ever. */
  readonly validUntil: Millis | undefined;
  rates(provider: string, model: string): Rates | undefined;
}

/** Reads `{prices: {provider: {model: {input, output, ...}}}, validUntil}`, dollars per million tokens. Throws PRICES_INVALID, naming the place. */
export function readPriceSheet(where: string, content: unknown): PriceSheet {
  const read = schema.safeParse(content);
  if (!read.success) {
    const [issue] = read.error.issues;
    const place = issue?.path.join('.') ?? '';
    throw new GatewayError('PRICES_INVALID', `${where}: ${place}: ${issue?.message ?? 'unreadable'}`, { where, place });
  }
  const sheet = new Map<string, Rates>();
  for (const [provider, models] of Object.entries(read.data.prices)) {
    for (const [name, prices] of Object.entries(models)) sheet.set(`${provider}/${name}`, ratesOf(prices));
  }
  const { validUntil } = read.data;
  return {
    where,
    digest: digestOf(Object.fromEntries(sheet)),
    validUntil: validUntil === undefined ? undefined : millis(Date.parse(validUntil)),
    rates: (provider, name) => sheet.get(`${provider}/${name}`),
  };
}

function ratesOf(prices: z.infer<typeof model>): Rates {
  const input = rateOf(prices.input);
  const cacheWrite = prices.cacheWrite === undefined ? input : rateOf(prices.cacheWrite);
  return {
    input,
    output: rateOf(prices.output),
    cacheRead: prices.cacheRead === undefined ? input : rateOf(prices.cacheRead),
    cacheWrite,
    cacheWriteHour: prices.cacheWriteHour === undefined ? cacheWrite : rateOf(prices.cacheWriteHour),
  };
}

function rateOf(price: z.infer<typeof rate>): Rate {
  if (typeof price === 'number') return { nanoPerMtok: Math.round(price * 1e9), tiers: [] };
  const tiers = price.tiers.map((tier) => ({ above: tier.above, nanoPerMtok: Math.round(tier.price * 1e9) }));
  return { nanoPerMtok: Math.round(price.base * 1e9), tiers: tiers.toSorted((a, b) => a.above - b.above) };
}
