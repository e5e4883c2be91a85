import type { ChangedFile, FileVersion } from '#domain/diff.ts';
import { ownKeysIn } from '#kernel/own-keys.ts';
import { type Finding, needsHuman, refused } from './finding.ts';

/** Larger files are not looked into. */
export const LARGEST_LOOKED_INTO = 1024 * 1024;

const PRIVATE_KEY = /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/;

/** Keys that a change brings in: one of ours is refused, the beginning of a private key a person looks at. What was there before stays. */
export function guardSecrets(
  files: readonly ChangedFile[],
  textOf: (file: FileVersion) => string | null,
): readonly Finding[] {
  return files.flatMap(({ before, after }) => {
    const now = (after && textOf(after)) ?? '';
    const then = (before && textOf(before)) ?? '';
    if (after === null || now === then) return [];
    if (ownKeysIn(now).some((key) => !then.includes(key))) {
      return [refused('KEY_IN_CHANGE', after.path, `${after.path} holds a key of Maestro`)];
    }
    if (!PRIVATE_KEY.test(now) || PRIVATE_KEY.test(then)) return [];
    return [needsHuman('PRIVATE_KEY_IN_CHANGE', after.path, `${after.path} holds a private key`)];
  });
}
