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
  MASTER_KEY_WRONG: {
    cure: 'Give the master key that the data keys were wrapped with (secrets.masterKeyFile, secrets.masterKey), or bring keys/master.key back from a backup',
    exit: 2,
  },
  MASTER_KEY_GIVEN: {
    cure: 'Give the new key by secrets.masterKey or secrets.masterKeyFile, and the one before it to `maestro secret rotate --old-key FILE`',
    exit: 2,
  },
  DATA_KEY_MISSING: {
    cure: 'Bring the file in keys/data back from a backup; without it what it sealed stays unreadable',
    exit: 4,
  },
  SEAL_BROKEN: {
    cure: 'Bring the store back from a backup: a sealed value was changed outside of Maestro',
    exit: 4,
  },
} as const satisfies ErrorTable);

export type KeyErrorCode = keyof typeof KEY_ERRORS;

export class KeyError extends MaestroError<KeyErrorCode> {
  constructor(code: KeyErrorCode, message: string, details: ErrorDetails, cause?: unknown) {
    super({ code, message, cure: KEY_ERRORS[code].cure, details, cause });
  }
}
