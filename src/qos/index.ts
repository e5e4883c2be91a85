export { type Capacity, dominantCost } from './cost.ts';
export { QOS_ERRORS, QosError, type QosErrorCode } from './errors.ts';
export { FairQueue } from './fair-queue.ts';
export { MemoryQueue } from './memory-queue.ts';
export { jain, quantile, serviceWithin } from './simulate/measure.ts';
export { type Scheduler, type SimRun, simulate } from './simulate/simulate.ts';
export type { SimTenant } from './simulate/workload.ts';
export { type ServedJob, type Share, sharesOf } from './shares.ts';
export type { ClaimedJob, JobQueue, Ledger, ScopeBalance } from './ports.ts';
