import { type ErrorDetails, type ErrorTable, MaestroError } from '#kernel/error.ts';

/** Faults of the key folder, each with its cure and exit code. */
export const KEY_ERRORS = Object.freeze({
  KEY_EXPOSED: {
    cure: 'Run `chmod 600` on the file; if others could have read it, move it away so that a new key is made',
    exit: 2,
  },
  KEY_CORRUPT: {
    cure: 'Bring the file back from a backup; only if there is none, move it away so that a new key is made',
    exit: 2,
  },
  KEY_UNREADABLE: {
    cure: 'Run Maestro as the user who owns the data directory, and check that it can be written',
    exit: 4,
  },
} as const satisfies ErrorTable);

export type KeyErrorCode = keyof typeof KEY_ERRORS;

export class KeyError extends MaestroError<KeyErrorCode> {
  constructor(code: KeyErrorCode, message: string, details: ErrorDetails, cause?: unknown) {
    super({ code, message, cure: KEY_ERRORS[code].cure, details, cause });
  }
}
