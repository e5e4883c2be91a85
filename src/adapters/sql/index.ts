export { STORE_ERRORS, StoreError, type StoreErrorCode } from './errors.ts';
export { type Store, type StoreLocation, openStore } from './open.ts';
export { SqlFairQueue } from './fair-queue.ts';
export { SqlLedger } from './ledger.ts';
