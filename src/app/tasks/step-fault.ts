import { isMaestroError } from '#kernel/error.ts';
import type { Json } from '#kernel/json.ts';
import { StoreError } from '#adapters/sql/index.ts';
import type { Reason } from '#domain/reason.ts';
import { JournalError } from '#journal/index.ts';
import type { House } from '../house.ts';

/** After so many workers have broken off at the same run, what breaks it is taken for lasting. */
const LAST_EPOCH = 6;

/** What a step came to, as the journal keeps it. */
export type Attempt<T extends Json> = { readonly done: T } | { readonly fault: Reason };

/** A fault that trying again would not mend: the task ends with it. */
export class StepFault extends Error {
  readonly reason: Reason;

  constructor(reason: Reason) {
    super(`${reason.code}: ${reason.msg}`);
    this.reason = reason;
  }
}

export function settled<T extends Json>(attempt: Attempt<T>): T {
  if ('fault' in attempt) throw new StepFault(attempt.fault);
  return attempt.done;
}

/** The fault as a reason, when it lasts; else throws it on, so that the step is tried again: lost leases, a stopped worker, a full disk. */
export async function faultOf(
  house: House,
  error: unknown,
  at: { readonly signal: AbortSignal; readonly epoch: number },
): Promise<Reason> {
  if (at.signal.aborted || error instanceof JournalError || error instanceof StoreError) throw error;
  if (await house.disk.low()) throw error;
  if (isMaestroError(error)) {
    return { code: error.code, msg: error.message, field: 'task', fix: error.cure };
  }
  if (at.epoch < LAST_EPOCH) throw error;
  return {
    code: 'INTERNAL',
    msg: error instanceof Error ? error.message : String(error),
    field: 'task',
    fix: 'report it with the log of the worker, then retry the task',
  };
}
