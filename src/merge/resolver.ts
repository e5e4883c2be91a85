import type { ConflictedFile, LineMerger, MergedTree } from './ports.ts';
import type { RecordedResolution } from './record.ts';
import { resolveFile } from './resolve.ts';

/** What landing asks for when git leaves a conflict; answers carry the record for the Decision Card. */
export function mergeResolver(
  lines: LineMerger,
  tree?: MergedTree,
): { resolve(file: ConflictedFile): Promise<RecordedResolution> } {
  return { resolve: (file) => resolveFile(file, lines, tree ? { tree } : {}) };
}
