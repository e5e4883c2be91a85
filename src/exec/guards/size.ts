import type { ChangedFile } from '#domain/diff.ts';
import { type Finding, needsHuman, refused } from './finding.ts';

/** What a person can still read: beyond it a person is asked. */
export interface SizeLimits {
  readonly fileBytes: number;
  readonly files: number;
  /** Added and deleted lines together. */
  readonly lines: number;
}

export const DEFAULT_SIZE_LIMITS: SizeLimits = { fileBytes: 5 * 1024 * 1024, files: 2000, lines: 20_000 };

/** An empty change, files that are too large, and changes that are. */
export function guardSize(files: readonly ChangedFile[], limits: SizeLimits): readonly Finding[] {
  if (files.length === 0) return [refused('EMPTY_CHANGE', '', 'the change touches no file')];
  const lines = files.reduce((sum, file) => sum + (file.addedLines ?? 0) + (file.deletedLines ?? 0), 0);
  const findings = files
    .filter((file) => file.bytes > limits.fileBytes)
    .map((file) => {
      const path = file.after?.path ?? '';
      const msg = `${path} has ${file.bytes} bytes, the limit is ${limits.fileBytes}`;
      return needsHuman('FILE_TOO_LARGE', path, msg);
    });
  if (files.length > limits.files) {
    const msg = `the change touches ${files.length} files, the limit is ${limits.files}`;
    findings.push(needsHuman('CHANGE_TOO_LARGE', '', msg));
  }
  if (lines > limits.lines) {
    const msg = `the change adds and deletes ${lines} lines, the limit is ${limits.lines}`;
    findings.push(needsHuman('CHANGE_TOO_LARGE', '', msg));
  }
  return findings;
}
