import { type ErrorDetails, type ErrorTable, MaestroError } from '#kernel/error.ts';

/** Faults of the merge room, each with its cure and the exit code of a command that meets it. */
export const MERGE_ERRORS = Object.freeze({
  MERGE_REQUEST_INVALID: {
    cure: 'Send one JSON object a line: {"id", "path", "base", "ours", "theirs"}, all of them texts',
    exit: 2,
  },
} as const satisfies ErrorTable);

export type MergeErrorCode = keyof typeof MERGE_ERRORS;

/** A request that cannot be read. What a merge cannot decide is a value, never this. */
export class MergeError extends MaestroError<MergeErrorCode> {
  constructor(fault: { code: MergeErrorCode; message: string; details?: ErrorDetails; cause?: unknown }) {
    super({ ...fault, cure: MERGE_ERRORS[fault.code].cure });
  }
}
