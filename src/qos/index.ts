export { type Capacity, dominantCost, spendRate } from './cost.ts';
export { QosError, type QosErrorCode } from './errors.ts';
export { FairQueue } from './fair-queue.ts';
export { MemoryQueue } from './memory-queue.ts';
export { fits, isLabel, poolOf } from './pool.ts';
export { PooledQueue } from './pooled-queue.ts';
export { jain, quantile, serviceWithin } from './simulate/measure.ts';
export { SimGovernor, type GovernorOptions } from './simulate/governor.ts';
export {
  BURN_RULES,
  type Burn,
  type BurnRuleName,
  budgetLeft,
  budgetLeftForPolicy,
  burnOf,
  burnRate,
  type Counts,
  ends,
} from './slo/burn.ts';
export {
  EVERYBODY,
  isVisible,
  type Measure,
  type MeasureChange,
  type MeasureKind,
  nextMeasures,
  standing,
  throttledSlots,
} from './slo/measures.ts';
export { firstMinute, MinuteCounts, minuteOf } from './slo/minutes.ts';
export { type Plot, plotSvg } from './simulate/plot.ts';
export { type Governor, type Scheduler, type SimRun, simulate } from './simulate/simulate.ts';
export type { SimTenant } from './simulate/workload.ts';
export { type ServedJob, type Share, sharesOf } from './shares.ts';
export { isLow, ladder, type LadderAnswer, paceOf, type PlanPrice, roomOf } from './ladder.ts';
export { atMost, type Demand, fairSlots, isInShare } from './fair-slots.ts';
export {
  type AtBoundary,
  demandOf,
  type Head,
  type Load,
  mayGiveWay,
  MOST_PREEMPTIONS,
  slotOrders,
} from './preemption.ts';
export type { ClaimedJob, JobQueue, Ledger, ScopeBalance } from './ports.ts';
