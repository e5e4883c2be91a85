import type { Json } from '#kernel/json.ts';
import type { Tx } from '#kernel/sql.ts';

/** What a step's effect knows about its own past. */
export interface StepContext {
  readonly signal: AbortSignal;
  /** `<run>/<seq>`: the same for every attempt, so it can serve as natural key on the outside. */
  readonly key: string;
  /** True when an earlier attempt recorded its intent and died: ask the outside before doing it again. */
  readonly recovering: boolean;
}

/** One durable step: intent before effect, result and all that belongs to it in one transaction. */
export interface Step<T extends Json> {
  readonly name: string;
  /** Runs in the transaction that records the intent: policy decision, reservation, event. */
  intent?(tx: Tx): Promise<void>;
  effect(context: StepContext): Promise<T>;
  /** Runs in the transaction that records the result: ledger rows, state, events. */
  commit?(tx: Tx, result: T): Promise<void>;
}
