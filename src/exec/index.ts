export { type Finding } from './guards/finding.ts';
export { type PathRules, PROTECTED_PATHS } from './guards/paths.ts';
export { DEFAULT_SIZE_LIMITS, type SizeLimits } from './guards/size.ts';
export { inspectChange, type InspectRequest } from './inspect.ts';
export { EXEC_REASONS, type ExecReasonCode } from './reasons.ts';
export { judge, judgeBase, type Verdict } from './verdict.ts';
export { verifyTree, type VerifyParts, type VerifyRequest } from './verify.ts';
export type { TreeFiles } from './ports.ts';
