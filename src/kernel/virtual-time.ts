import type { Brand } from './brand.ts';

/**
 * A tenant's share relative to the others, in hundredths: 100 is weight 1. Integer from 1 to 100 000.
 * Only ratios matter, so 2500 : 5 is the same as 25 : 0.05.
 */
export type Weight = Brand<number, 'Weight'>;

/** What a job used of the fleet: one worker slot for one millisecond is 1. Integer from 0 to one year. */
export type SlotMs = Brand<number, 'SlotMs'>;

/**
 * Virtual time in whole units; one unit is one slot-microsecond at weight 1. Integers, so that JavaScript, SQL and Lua
 * compute the same order. Exact to 2^53 units: 285 slot-years at weight 1. Past that JavaScript and Redis round to
 * two units, then four, which no order notices.
 */
export type VirtualTime = Brand<number, 'VirtualTime'>;

const HUNDREDTHS = 100;
const MAX_WEIGHT = 1000;

/** Most that one report of cost may say: one slot for a year. */
export const MAX_SLOT_MS = 31_536_000_000;

/** Units per slot-millisecond at a weight of one hundredth. */
export const UNITS = 100_000;

/** Takes a weight as people write it, to hundredths; throws on zero, negative, NaN and what is out of range. */
export function weight(value: number): Weight {
  const hundredths = Math.round(value * HUNDREDTHS);
  if (!(hundredths >= 1 && value <= MAX_WEIGHT)) {
    throw new RangeError(
      `a weight is a number from 0.01 to ${MAX_WEIGHT}; only ratios matter, so scale all of them: ${value}`,
    );
  }
  // The cast is true: the lines above proved the range and made the integer.
  return hundredths as Weight;
}

/** Takes a cost in slot-milliseconds, rounded up; throws on negative, NaN and more than a year. */
export function slotMs(value: number): SlotMs {
  if (!(value >= 0 && value <= MAX_SLOT_MS)) {
    throw new RangeError(`a cost is a number of slot-milliseconds from 0 to ${MAX_SLOT_MS}: ${value}`);
  }
  // The cast is true: the line above proved the range, and rounding up makes the integer.
  return Math.ceil(value) as SlotMs;
}

/**
 * `cost / weight` in virtual time, rounded towards zero as SQL divides integers. A difference of costs may be negative.
 * Exact: |cost| * UNITS stays below 2^53, where the floor of a double quotient equals the integer quotient.
 */
export function virtualSpan(cost: number, w: Weight): VirtualTime {
  // The cast is true: truncation makes the integer. Adding zero turns -0 into 0.
  return (Math.trunc((cost * UNITS) / w) + 0) as VirtualTime;
}
