import type { Brand } from './brand.ts';

/** Integer nano-dollars (1 USD = 1e9). Safe up to 9 million dollars in one number. */
export type NanoUsd = Brand<number, 'NanoUsd'>;

const NANO_PER_USD = 1e9;

/** Takes an integer number of nano-dollars; throws on fractions and on what a number cannot hold exactly. */
export function nanoUsd(value: number): NanoUsd {
  if (!Number.isSafeInteger(value)) throw new RangeError(`not an exact number of nano-dollars: ${value}`);
  // The cast is true: the line above proved it.
  return value as NanoUsd;
}

/** Dollars as people write them, to nano-dollars, rounded half up. */
export function usd(dollars: number): NanoUsd {
  return nanoUsd(Math.round(dollars * NANO_PER_USD));
}

/** Nano-dollars to dollars, for showing only: never add the results. */
export function toUsd(amount: NanoUsd): number {
  return amount / NANO_PER_USD;
}

/** `$0.0123`: four digits after the point, more only where the amount would show as zero. */
export function formatUsd(amount: NanoUsd): string {
  const dollars = toUsd(amount);
  if (dollars !== 0 && Math.abs(dollars) < 0.0001) return `$${dollars.toFixed(9).replace(/0+$/, '')}`;
  return `$${dollars.toFixed(4)}`;
}
