export { type FairOptions, FairQueueBackend, type TenantShare, createFairBackend } from './backend.ts';
export { FAIR_BACKEND_ERRORS, FairBackendError, type FairBackendErrorCode } from './errors.ts';
