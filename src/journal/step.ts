import type { Json } from '#kernel/json.ts';
import type { Tx } from '#kernel/sql.ts';
import { JournalError } from './errors.ts';

/** Bytes of JSON that the result of one step may take: it is read again at every replay. */
export const LARGEST_RESULT = 1024 * 1024;

/** What a step's effect knows about its own past. */
export interface StepContext {
  /** Aborts at the step's time limit, when the lease is lost, and when the worker is told to stop. */
  readonly signal: AbortSignal;
  /** `<run>/<seq>`: the same for every attempt, so it can serve as natural key on the outside. */
  readonly key: string;
  /** True when an earlier attempt recorded its intent and came to no end: ask the outside before doing it again. */
  readonly recovering: boolean;
}

/** One durable step: intent before effect, result and all that belongs to it in one transaction. */
export interface Step<T extends Json> {
  readonly name: string;
  /** Time that one attempt at the effect may take, ms; none when absent. */
  readonly limitMs?: number;
  /** Asked before the intent is recorded, and only then: a throw leaves no trace of the step. */
  prepare?(): Promise<void>;
  /** Runs in the transaction that records the intent: policy decision, reservation, event. */
  intent?(tx: Tx): Promise<void>;
  /** Ends soon after its signal aborts. What it throws is not recorded: the step stays begun and can be tried again. */
  effect(context: StepContext): Promise<T>;
  /** Runs in the transaction that records the result: ledger rows, state, events. */
  commit?(tx: Tx, result: T): Promise<void>;
}

/** The result as the journal keeps it. Throws when replaying it would give another value than the first time. */
export function resultText(step: string, result: unknown): string {
  let text: string | undefined;
  try {
    text = isJson(result) ? JSON.stringify(result) : undefined;
  } catch {
    text = undefined; // a cycle
  }
  if (text === undefined)
    throw new JournalError('RESULT_NOT_JSON', `the result of step "${step}" is not JSON`, { step });
  const bytes = Buffer.byteLength(text);
  if (bytes > LARGEST_RESULT) {
    const message = `the result of step "${step}" takes ${bytes} bytes, ${LARGEST_RESULT} are allowed`;
    throw new JournalError('RESULT_TOO_LARGE', message, { step, bytes, limit: LARGEST_RESULT });
  }
  return text;
}

function isJson(value: unknown): boolean {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isJson);
  if (typeof value !== 'object') return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  const plain = prototype === Object.prototype || prototype === null;
  // JSON leaves out members that are undefined.
  return plain && Object.values(value).every((member) => member === undefined || isJson(member));
}
