import { type NanoUsd, nanoUsd } from '#kernel/money.ts';
import { promptTokens, type TokenUsage } from '../tokens.ts';

/** Price of one kind of token. The highest tier whose `above` is less than the tokens of the prompt prices the whole call. */
export type Rate = {
  /** Integer nano-dollars for a million tokens. */
  readonly nanoPerMtok: number;
  readonly tiers: readonly { readonly above: number; readonly nanoPerMtok: number }[];
};

/** What a model costs, by kind of token. Plain JSON, so that it is kept with each call. */
export type Rates = {
  readonly input: Rate;
  readonly cacheRead: Rate;
  readonly cacheWrite: Rate;
  readonly cacheWriteHour: Rate;
  readonly output: Rate;
};

const MTOK = 1_000_000n;

/** Price of what was used, rounded once, half to even. */
export function costOf(usage: TokenUsage, rates: Rates): NanoUsd {
  const prompt = promptTokens(usage);
  const nanoMtok =
    part(usage.input, rates.input, prompt) +
    part(usage.cacheRead, rates.cacheRead, prompt) +
    part(usage.cacheWrite, rates.cacheWrite, prompt) +
    part(usage.cacheWriteHour, rates.cacheWriteHour, prompt) +
    part(usage.output, rates.output, prompt);
  return halfEven(nanoMtok);
}

/** Most that a call can cost with at most so many tokens in and out: dearest way of reading, dearest tier, rounded up. */
export function boundOf(most: { readonly input: number; readonly output: number }, rates: Rates): NanoUsd {
  return ceiling(
    BigInt(most.input) * dearestRead(rates, most.input) + BigInt(most.output) * dearest(rates.output, most.input),
  );
}

/** Most tokens of output for which `boundOf` stays within the money; negative when the prompt alone is dearer. */
export function affordableOutput(money: NanoUsd, input: number, rates: Rates): number {
  const left = BigInt(money) * MTOK - BigInt(input) * dearestRead(rates, input);
  if (left < 0n) return -1;
  const rate = dearest(rates.output, input);
  return rate === 0n ? Number.MAX_SAFE_INTEGER : Number(left / rate);
}

/** What the same prompt would have cost without the provider's prompt cache. */
export function uncachedCost(usage: TokenUsage, rates: Rates): NanoUsd {
  const input = promptTokens(usage);
  return costOf({ ...usage, input, cacheRead: 0, cacheWrite: 0, cacheWriteHour: 0 }, rates);
}

function part(tokens: number, rate: Rate, prompt: number): bigint {
  if (tokens === 0) return 0n;
  let nano = rate.nanoPerMtok;
  for (const tier of rate.tiers) if (prompt > tier.above) nano = tier.nanoPerMtok;
  return BigInt(tokens) * BigInt(nano);
}

/** The dearest tier that a prompt of up to so many tokens can reach. */
function dearest(rate: Rate, prompt: number): bigint {
  const reached = rate.tiers.filter((tier) => prompt > tier.above).map((tier) => tier.nanoPerMtok);
  return BigInt(Math.max(rate.nanoPerMtok, ...reached));
}

function dearestRead(rates: Rates, prompt: number): bigint {
  const ways = [rates.input, rates.cacheRead, rates.cacheWrite, rates.cacheWriteHour].map((rate) =>
    dearest(rate, prompt),
  );
  return ways.reduce((most, each) => (each > most ? each : most));
}

function halfEven(nanoMtok: bigint): NanoUsd {
  const [whole, rest] = [nanoMtok / MTOK, nanoMtok % MTOK];
  const up = rest * 2n > MTOK || (rest * 2n === MTOK && whole % 2n === 1n);
  return nanoUsd(Number(up ? whole + 1n : whole));
}

function ceiling(nanoMtok: bigint): NanoUsd {
  return nanoUsd(Number((nanoMtok + MTOK - 1n) / MTOK));
}
