import { type ErrorDetails, type ErrorTable, MaestroError } from '#kernel/error.ts';

/** Every fault of the journal, its cure and the exit code of a command that ends with it. */
export const JOURNAL_ERRORS = Object.freeze({
  FENCED: { cure: 'Do nothing more for this run: another worker has taken it over and carries it on', exit: 1 },
  NONDETERMINISTIC: {
    cure: 'Run it with the version that began it, or cancel the task and submit it again; steps must come in the same order each time',
    exit: 1,
  },
  STEP_TIMED_OUT: { cure: 'Retry the task; if it happens again, give the step more time', exit: 1 },
  STEPS_OVERLAP: { cure: 'Await each step before the next one begins', exit: 70 },
  RESULT_TOO_LARGE: { cure: 'Store the data elsewhere under its digest and return the digest', exit: 70 },
  RESULT_NOT_JSON: { cure: 'Return null, booleans, finite numbers, text, lists and plain objects only', exit: 70 },
} as const satisfies ErrorTable);

export type JournalErrorCode = keyof typeof JOURNAL_ERRORS;

export class JournalError extends MaestroError<JournalErrorCode> {
  constructor(code: JournalErrorCode, message: string, details: ErrorDetails = {}) {
    super({ code, message, cure: JOURNAL_ERRORS[code].cure, details });
  }
}
