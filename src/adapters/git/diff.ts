import { digestOf } from '#kernel/digest.ts';
import type { ChangedFile, FileMode, FileVersion } from '#domain/diff.ts';
import type { Git } from '#domain/git.ts';
import type { GitOid } from '#domain/ids.ts';
import { blobSizes } from './blobs.ts';
import { gitOid, zeroParts } from './oid.ts';

/** Renames are looked for up to this many pairs of files; beyond it a rename is a deletion and an addition. */
const RENAME_LIMIT = 2000;
const DIFF_TREE = ['diff-tree', '-r', `-l${RENAME_LIMIT}`, '-M', '--no-ext-diff', '--no-textconv'];

export async function changedFiles(git: Git, repoDir: string, from: GitOid, to: GitOid): Promise<ChangedFile[]> {
  const args = [...DIFF_TREE, '-z', '--raw', '--numstat', '--no-abbrev', from, to];
  const parts = zeroParts((await git.run({ args, gitDir: repoDir })).stdout);
  const pairs = rawPairs(parts);
  const lines = lineCounts(parts);
  const wanted = pairs.map(({ after }) => after).filter((after) => after !== null && after.mode !== '160000');
  const sizes = await blobSizes(git, repoDir, [
    ...new Set(wanted.map((after) => after?.oid).filter((oid) => oid !== undefined)),
  ]);
  return pairs.map((pair, i) => ({
    ...pair,
    ...(lines[i] ?? { addedLines: null, deletedLines: null }),
    bytes: pair.after === null ? 0 : (sizes.get(pair.after.oid) ?? 0),
  }));
}

type Pair = Pick<ChangedFile, 'before' | 'after'>;

/** `:<mode> <mode> <oid> <oid> <status>`, then one path, or two for a rename; takes them off the front of `parts`. */
function rawPairs(parts: string[]): Pair[] {
  const pairs: Pair[] = [];
  while (parts[0]?.startsWith(':')) {
    const [oldMode = '', newMode = '', oldOid = '', newOid = '', status = ''] =
      parts.shift()?.slice(1).split(' ') ?? [];
    const path = parts.shift() ?? '';
    const newPath = status.startsWith('R') ? (parts.shift() ?? '') : path;
    pairs.push({ before: version(path, oldMode, oldOid), after: version(newPath, newMode, newOid) });
  }
  return pairs;
}

function version(path: string, mode: string, oid: string): FileVersion | null {
  // The cast is true: git writes 000000 for no file, and trees hold only the modes of FileMode.
  return mode === '000000' ? null : { path, mode: mode as FileMode, oid: gitOid(oid) };
}

/** `<added>\t<deleted>\t<path>`, or of a rename an empty path and then both; in the order of the raw lines. */
function lineCounts(parts: readonly string[]): Pick<ChangedFile, 'addedLines' | 'deletedLines'>[] {
  const counts: Pick<ChangedFile, 'addedLines' | 'deletedLines'>[] = [];
  for (let i = 0; i < parts.length; i++) {
    const match = /^(\d+|-)\t(\d+|-)\t(.*)$/s.exec(parts[i] ?? '');
    if (match === null) continue;
    const count = (text: string | undefined): number | null => (text === '-' ? null : Number(text));
    counts.push({ addedLines: count(match[1]), deletedLines: count(match[2]) });
    if (match[3] === '') i += 2;
  }
  return counts;
}

export async function patch(git: Git, repoDir: string, from: GitOid, to: GitOid): Promise<Buffer> {
  const args = [...DIFF_TREE, '-p', '--binary', '--full-index', '--no-color', '--src-prefix=a/', '--dst-prefix=b/'];
  return (await git.run({ args: [...args, from, to], gitDir: repoDir })).stdout;
}

/**
 * `git patch-id --stable` of the text, and beside it what that leaves out in one git version or another: paths, modes, and the
 * content of binary files.
 */
export async function patchId(git: Git, repoDir: string, from: GitOid, to: GitOid): Promise<string> {
  const text = await git.run({ args: [...DIFF_TREE, '-p', '--full-index', from, to], gitDir: repoDir });
  const id = await git.text({ args: ['patch-id', '--stable'], gitDir: repoDir, stdin: text.stdout });
  const files = await changedFiles(git, repoDir, from, to);
  const facts = files.map(({ before, after, addedLines }) => ({
    before: before === null ? null : [before.path, before.mode],
    after: after === null ? null : [after.path, after.mode],
    binary: addedLines === null ? [before?.oid ?? null, after?.oid ?? null] : null,
  }));
  return digestOf({ text: id.split(' ')[0] ?? '', files: facts });
}
