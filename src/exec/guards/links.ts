import type { ChangedFile, FileVersion } from '#domain/diff.ts';
import { type Finding, refused } from './finding.ts';

/** Submodules, and symbolic links that lead out of the repository. `textOf` gives a link's target. */
export function guardLinks(
  files: readonly ChangedFile[],
  textOf: (file: FileVersion) => string | null,
): readonly Finding[] {
  return files.flatMap(({ before, after }) => {
    if (after === null || (before?.oid === after.oid && before.mode === after.mode && before.path === after.path)) {
      return [];
    }
    if (after.mode === '160000') {
      return [refused('SUBMODULE_ADDED', after.path, `${after.path} is a submodule`)];
    }
    if (after.mode !== '120000') return [];
    const target = textOf(after);
    if (target !== null && staysInside(after.path, target)) return [];
    const where = target === null ? 'bytes that are not UTF-8' : JSON.stringify(target);
    return [refused('SYMLINK_OUTSIDE', after.path, `${after.path} is a symbolic link to ${where}`)];
  });
}

/**
 * True when a link in a tree surely leads to something in that tree. `..` may only stand at the front: there it climbs real
 * folders, while after a name it may climb out of wherever another link led. So links that each pass cannot leave together.
 */
export function staysInside(path: string, target: string): boolean {
  if (target === '' || target.startsWith('/') || target.includes('\0')) return false;
  const parts = target.split('/').filter((part) => part !== '' && part !== '.');
  const climbs = parts.findIndex((part) => part !== '..');
  const names = climbs === -1 ? [] : parts.slice(climbs);
  const depth = path.split('/').length - 1;
  if ((climbs === -1 ? parts.length : climbs) > depth) return false;
  return !names.includes('..') && !names.some((name) => name.toLowerCase() === '.git');
}
