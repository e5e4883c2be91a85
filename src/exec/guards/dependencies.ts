import { canonicalJson } from '#kernel/canonical-json.ts';
import type { Json } from '#kernel/json.ts';
import type { ChangedFile, FileVersion } from '#domain/diff.ts';
import { objectOf } from '../test-command.ts';
import { type Finding, needsHuman } from './finding.ts';
import { isPackageJson } from './test-files.ts';

/** Keys of package.json that say what is installed, and by what. */
const INSTALLING = [
  'dependencies',
  'devDependencies',
  'optionalDependencies',
  'peerDependencies',
  'overrides',
  'resolutions',
  'packageManager',
  'pnpm',
  'workspaces',
];

/** A change of what is installed asks a person also where it leaves the lock file as it was. */
export function guardDependencies(
  files: readonly ChangedFile[],
  textOf: (file: FileVersion) => string | null,
): readonly Finding[] {
  return files.flatMap(({ before, after }) => {
    const path = (after ?? before)?.path ?? '';
    if (!isPackageJson(path) || installing(before, textOf) === installing(after, textOf)) return [];
    return [needsHuman('DEPENDENCIES_CHANGED', path, `what ${path} has installed changed`)];
  });
}

function installing(file: FileVersion | null, textOf: (file: FileVersion) => string | null): string {
  const manifest = objectOf(file === null ? null : textOf(file)) ?? {};
  // The cast is true: the object came out of JSON.parse.
  return canonicalJson(Object.fromEntries(INSTALLING.map((key) => [key, (manifest[key] ?? null) as Json])));
}
