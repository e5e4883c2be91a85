export { BUILTIN_RULES, builtinPolicy } from './builtin.ts';
export { allowedAutonomy, AUTONOMY_WINDOW, type EarnedAutonomy, earnedAutonomy, lowest } from './autonomy.ts';
export { CheckedCount, type PolicyChecked } from './checked.ts';
export { PolicyError } from './errors.ts';
export { outsideEngine } from './outside-engine.ts';
export { covers, OVERRIDABLE, overrideState } from './overrides.ts';
export type { PolicyEngine } from './ports.ts';
export { countDifferences, type Difference, differenceOf } from './rehearsal.ts';
export { readVectors, runVectors, type Vector, type VectorFailure } from './vectors.ts';
