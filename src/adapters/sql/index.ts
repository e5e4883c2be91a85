export { STORE_ERRORS, StoreError, type StoreErrorCode } from './errors.ts';
export { type Store, type StoreLocation, openStore } from './open.ts';
