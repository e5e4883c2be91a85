export { FAIR_BACKEND_ERRORS, FairBackendError, type FairBackendErrorCode } from './errors.ts';
export { BullmqQueue, type BullmqQueueOptions, BullmqQueues } from './job-queue.ts';
