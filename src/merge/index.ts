export { rulesOf } from './confidence.ts';
export type { ConfidenceRow } from './confidence.ts';
export type { HowMerged, MergeRecord, RecordedResolution } from './record.ts';
export { resolveFile } from './resolve.ts';
export { explain } from './rules.ts';
export type { Rule } from './rules.ts';
