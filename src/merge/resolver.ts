import type { ConflictedFile, LineMerger, MergedTree } from './ports.ts';
import type { RecordedResolution } from './record.ts';
import { resolveFile } from './resolve.ts';

/** What landing asks for when git leaves a conflict; answers carry the record for the Decision Card. */
export function mergeResolver(lines: LineMerger): {
  resolve(file: ConflictedFile, tree?: MergedTree): Promise<RecordedResolution>;
} {
  return { resolve: (file, tree) => resolveFile(file, lines, tree ? { tree } : {}) };
}
