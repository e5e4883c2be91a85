import type { Json } from './json.ts';

/** Facts of a fault, for programs; never a secret. */
export type ErrorDetails = { readonly [key: string]: Json };

/** One row of a room's error table: the next step to take, and the exit code of a command that ends with it. */
export interface ErrorEntry {
  /** TASK, CHANGE and TENANT become what the details say. */
  readonly cure: string;
  /** 1 the work ended badly, 2 wrong usage, 3 denied or deferred, 4 an engine is missing or unreachable, 70 our own bug. */
  readonly exit: 1 | 2 | 3 | 4 | 70;
}

export type ErrorTable = { readonly [code: string]: ErrorEntry };

/**
 * A fault of the outside or of the input: what happened, to what, and the next step to take.
 * Every room has one subclass whose `code` is a closed union; every code stands in the error reference with its cure.
 */
export class MaestroError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly cure: string;
  readonly details: ErrorDetails;

  constructor(fault: { code: Code; message: string; cure: string; details?: ErrorDetails; cause?: unknown }) {
    super(fault.message, fault.cause === undefined ? {} : { cause: fault.cause });
    this.name = new.target.name;
    this.code = fault.code;
    this.details = fault.details ?? {};
    this.cure = fault.cure.replaceAll(/\b(TASK|CHANGE|TENANT)\b/g, (word) => {
      const value = this.details[word.toLowerCase()];
      return typeof value === 'string' ? value : word;
    });
  }
}

/** A fault that names code and cure. (`instanceof` alone would leave the code untyped.) */
export function isMaestroError(error: unknown): error is MaestroError {
  return error instanceof MaestroError;
}
