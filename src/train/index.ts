export { type Candidate, type LandingJob, type LandParts, type ResolvedFile, type Unsettled } from './landing.ts';
export { TrainError, type TrainErrorCode } from './errors.ts';
export { DEFAULT_LANDING_ROUNDS, type DurableStep, landChange } from './land.ts';
export { prepare, type Prepared } from './candidate.ts';
export { type LandingEnd } from './landing-state.ts';
export { move, type MoveOutcome, readBack, test } from './move.ts';
export { duplicateReason, TRAIN_REASONS, type TrainReasonCode } from './reasons.ts';
export { aheadOf } from './line.ts';
export type { Equipped, Forge, GitObjects, LandingLine, MergeResolver, Place } from './ports.ts';
