import { StoreError, type StoreErrorCode } from './errors.ts';

// Primary result codes, https://www.sqlite.org/rescode.html
const BUSY = 5;
const FULL = 13;
const IO_ERROR_GROWING_SHARED_MEMORY = 4874;
const CODES: ReadonlyMap<number, StoreErrorCode> = new Map([
  [8, 'STORE_READ_ONLY'],
  [11, 'STORE_CORRUPT'],
  [FULL, 'STORE_FULL'],
  [14, 'STORE_CANNOT_OPEN'],
  [26, 'STORE_CORRUPT'],
]);

function resultCode(fault: unknown): number | undefined {
  if (!(fault instanceof Error) || !('errcode' in fault) || typeof fault.errcode !== 'number') return undefined;
  // Only a full disk keeps the file beside the log from growing.
  return fault.errcode === IO_ERROR_GROWING_SHARED_MEMORY ? FULL : fault.errcode & 0xff;
}

export function isBusy(fault: unknown): boolean {
  return resultCode(fault) === BUSY;
}

/** Turns what SQLite reports about disk and file into a StoreError; anything else is a fault of the statement. */
export function sqliteFault(fault: unknown, path: string): unknown {
  const code = CODES.get(resultCode(fault) ?? -1);
  if (code === undefined || !(fault instanceof Error)) return fault;
  return new StoreError(code, `SQLite says of ${path}: ${fault.message}`, { details: { path }, cause: fault });
}
