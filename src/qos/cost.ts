import { startOf } from '#kernel/calendar.ts';
import { millis } from '#kernel/clock.ts';
import type { NanoUsd } from '#kernel/money.ts';
import { MAX_SLOT_MS, type SlotMs, slotMs } from '#kernel/virtual-time.ts';
import type { ScopeBalance } from './ports.ts';

/** What the fleet has to give in one millisecond: worker slots, and dollars. */
export interface Capacity {
  readonly slots: number;
  /** 0: dollars are not scarce. Need not be whole. */
  readonly nanoPerMs: number;
}

/**
 * Cost of a job as its dominant share (DRF; Ghodsi et al., NSDI 2011, section 4): the greater of its part of the slots
 * and its part of the dollars, said in slot-milliseconds. What a worker reports beyond a year counts as a year, below zero or NaN as nothing.
 */
export function dominantCost(use: { readonly slotMs: number; readonly costNano: NanoUsd }, capacity: Capacity): SlotMs {
  const dollars = capacity.nanoPerMs > 0 ? (use.costNano * capacity.slots) / capacity.nanoPerMs : 0;
  const cost = Math.max(0, use.slotMs || 0, dollars || 0);
  return slotMs(Math.min(cost, MAX_SLOT_MS));
}

/** What a scope has to spend in one millisecond of its period, nano-dollars; 0 when it has no cap or no period. */
export function spendRate({ capNano, period, periodEndsAt }: ScopeBalance): number {
  if (capNano === null || period === null || periodEndsAt === null) return 0;
  return capNano / (periodEndsAt - startOf(period, millis(periodEndsAt - 1)));
}
