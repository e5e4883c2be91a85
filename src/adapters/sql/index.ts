export { STORE_ERRORS, StoreError, type StoreErrorCode } from './errors.ts';
export { type Store, type StoreLocation, openStore } from './open.ts';
export { evidenceLog } from './evidence-log.ts';
export { evidenceStatements } from './evidence-statements.ts';
