export { JournalError, type JournalErrorCode } from './errors.ts';
export { Journal, type OpenRequest } from './journal.ts';
export { type Deliver, Outbox, type OutboxOptions } from './outbox.ts';
export { Run } from './run.ts';
export { LARGEST_RESULT, type Step, type StepContext } from './step.ts';
export type { Faults, RunRecord, StepRecord } from './ports.ts';
