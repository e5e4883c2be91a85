import { realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Git } from '#domain/git.ts';
import type { GitOid } from '#domain/ids.ts';
import { readPath } from './blobs.ts';
import { zeroParts } from './oid.ts';
import type { Source } from './source.ts';

export interface Imported {
  readonly bare: string;
  readonly head: GitOid;
  readonly source: Source;
  readonly env: { readonly [name: string]: string };
  readonly dataDir: string;
}

/** What works otherwise than a person may expect: uncommitted work, names that collide elsewhere, files kept by git-lfs. */
export async function warningsOf(git: Git, imported: Imported): Promise<readonly string[]> {
  return [
    ...(await uncommitted(git, imported)),
    ...(await collisions(git, imported)),
    ...(await largeFiles(git, imported)),
  ];
}

async function uncommitted(git: Git, { source, env, dataDir }: Imported): Promise<readonly string[]> {
  if (source.kind === 'address' || source.workTree === null) return [];
  // Looking at files can start filters that the repository's owner chose: so only for that owner's own eyes.
  const owner = (await stat(source.gitDir)).uid;
  if (process.getuid !== undefined && owner !== process.getuid()) {
    return [
      `Uncommitted work in ${source.origin} was not looked for, since it belongs to another user; only commits are taken.`,
    ];
  }
  const args = ['status', '--porcelain', '-z', '--no-renames', '--untracked-files=normal', '--ignore-submodules=all'];
  const rows = zeroParts((await git.run({ args, cwd: source.workTree, env })).stdout);
  const own = `${await realpath(dataDir)}${sep}`;
  const files = rows.map((row) => row.slice(3)).filter((path) => !own.startsWith(join(source.workTree ?? '', path)));
  if (files.length === 0) return [];
  const some = files.slice(0, 3).join(', ');
  return [
    `Uncommitted work in ${source.origin} is not included (${files.length} files: ${some}); commit it to have it.`,
  ];
}

async function collisions(git: Git, { bare, head }: Imported): Promise<readonly string[]> {
  const listed = await git.run({ args: ['ls-tree', '-r', '-z', '--name-only', head], gitDir: bare });
  const seen = new Map<string, string>();
  // Names that are not UTF-8 cannot be told apart once they are text.
  for (const path of zeroParts(listed.stdout).filter((name) => !name.includes('\uFFFD'))) {
    const folded = path.normalize('NFC').toLowerCase();
    const other = seen.get(folded);
    if (other !== undefined) {
      return [
        `${other} and ${path} are one file where letter case does not count (macOS, Windows); rename one of them.`,
      ];
    }
    seen.set(folded, path);
  }
  return [];
}

async function largeFiles(git: Git, { bare, head }: Imported): Promise<readonly string[]> {
  const attributes = await readPath(git, bare, head, '.gitattributes');
  if (!attributes?.text?.includes('filter=lfs')) return [];
  return ['Files kept by git-lfs are not fetched: tests see the small pointer files in their place.'];
}
