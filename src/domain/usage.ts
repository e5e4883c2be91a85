import type { Millis } from '#kernel/clock.ts';
import { type NanoUsd, nanoUsd } from '#kernel/money.ts';

/** What a step or run used. Sums of integers only. */
export interface Usage {
  readonly costNano: NanoUsd;
  readonly slotMs: number;
  readonly cpuMs: number;
  readonly modelCalls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export const NO_USAGE: Usage = {
  costNano: nanoUsd(0),
  slotMs: 0,
  cpuMs: 0,
  modelCalls: 0,
  inputTokens: 0,
  outputTokens: 0,
};

export function addUsage(a: Usage, b: Usage): Usage {
  return {
    costNano: nanoUsd(a.costNano + b.costNano),
    slotMs: a.slotMs + b.slotMs,
    cpuMs: a.cpuMs + b.cpuMs,
    modelCalls: a.modelCalls + b.modelCalls,
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
  };
}

/** Price of holding one worker slot: `usdPerHour` nano-dollars for 3 600 000 ms, rounded up to the nano-dollar. */
export function slotCost(slotMs: number | Millis, nanoPerHour: NanoUsd): NanoUsd {
  return nanoUsd(Math.ceil((slotMs * nanoPerHour) / 3_600_000));
}
