import pg from 'pg';
import { StoreError, type StoreErrorCode } from './errors.ts';

// SQLSTATE classes and codes, Postgres manual, appendix A.
const RETRY: readonly string[] = ['40001', '40P01'];
const CODES: ReadonlyMap<string, StoreErrorCode> = new Map([
  ['25006', 'STORE_READ_ONLY'],
  ['53100', 'STORE_FULL'],
  ['XX001', 'STORE_CORRUPT'],
  ['XX002', 'STORE_CORRUPT'],
]);
const UNREACHABLE = /^(08...|57P0[1-3])$/;

function sqlState(fault: unknown): string | undefined {
  if (!(fault instanceof Error) || !('code' in fault) || typeof fault.code !== 'string') return undefined;
  return fault.code;
}

/** True when Postgres undid the transaction for the sake of another one: run again, it will find a new state. */
export function wantsRetry(fault: unknown): boolean {
  return RETRY.includes(sqlState(fault) ?? '');
}

/** The fault of a connection that could not be made or was lost. */
export function unreachable(cause: unknown, server: string): StoreError {
  const why = cause instanceof Error ? cause.message || sqlState(cause) : String(cause);
  return new StoreError('STORE_UNREACHABLE', `Postgres at ${server}: ${why}`, { details: { server }, cause });
}

/** Turns what Postgres reports about itself into a StoreError; anything else is a fault of the statement. */
export function postgresFault(fault: unknown, server: string): unknown {
  const state = sqlState(fault) ?? '';
  if (!(fault instanceof pg.DatabaseError)) return fault;
  if (UNREACHABLE.test(state)) return unreachable(fault, server);
  const code = CODES.get(state);
  if (code === undefined) return fault;
  return new StoreError(code, `Postgres at ${server}: ${fault.message}`, { details: { server }, cause: fault });
}
