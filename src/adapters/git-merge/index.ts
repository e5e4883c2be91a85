export { installMergeDriver } from './install.ts';
export type { InstalledDriver } from './install.ts';
export { gitLineMerger } from './line-merger.ts';
export { mergeFiles } from './merge-files.ts';
export type { FilesToMerge, MergedFiles } from './merge-files.ts';
