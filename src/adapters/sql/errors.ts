import { type ErrorDetails, type ErrorTable, MaestroError } from '#kernel/error.ts';

/** Every fault of the store, its cure and the exit code of a command that ends with it. */
export const STORE_ERRORS = Object.freeze({
  STORE_UNREACHABLE: {
    cure: 'Start the database, check the address with `maestro config show`, then run the command again; finished steps are not repeated',
    exit: 4,
  },
  STORE_CANNOT_OPEN: { cure: 'Check that the path names a file in a folder that exists or may be made', exit: 4 },
  STORE_READ_ONLY: {
    cure: 'Make the data directory writable for this user, or choose another one with --data-dir',
    exit: 4,
  },
  STORE_CORRUPT: {
    cure: 'Stop every process, move the file away and bring back a backup with `maestro restore`',
    exit: 4,
  },
  STORE_NEWER: { cure: 'Run the version of Maestro that wrote this database, or a newer one', exit: 4 },
  STORE_FULL: { cure: 'Free space on the disk of the data directory; work goes on by itself', exit: 4 },
  STORE_BUSY: { cure: 'Look for a process that holds the database for long, stop it and try again', exit: 4 },
  STORE_CONFLICT: { cure: 'Try again; run fewer workers if it happens often', exit: 4 },
  MIGRATION_INVALID: { cure: 'Name the file NNNN-name.sql, give the number once, and correct its statements', exit: 4 },
  TX_NESTED: { cure: 'Hand the transaction down as an argument instead of opening another inside it', exit: 70 },
  TX_ENDED: { cure: 'Await every statement before the body of the transaction returns', exit: 70 },
} as const satisfies ErrorTable);

export type StoreErrorCode = keyof typeof STORE_ERRORS;

export class StoreError extends MaestroError<StoreErrorCode> {
  constructor(code: StoreErrorCode, message: string, more: { details?: ErrorDetails; cause?: unknown } = {}) {
    super({ code, message, cure: STORE_ERRORS[code].cure, ...more });
  }
}
