import type { Json } from './json.ts';

/** Facts of a fault, for programs; never a secret. */
export type ErrorDetails = { readonly [key: string]: Json };

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
    this.cure = fault.cure;
    this.details = fault.details ?? {};
  }
}
