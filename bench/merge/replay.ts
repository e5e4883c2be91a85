import { spawnSync } from 'node:child_process';
import type { ConflictedFile } from '#merge/ports.ts';

/** A merge commit of two parents whose files git could not merge by itself. */
export interface ConflictedMerge {
  readonly commit: string;
  readonly files: readonly (ConflictedFile & { readonly people: string })[];
}

/** Every merge of the repository that conflicts in plain files, newest first; each is replayed with `git merge-tree`. */
export function* conflictedMerges(gitDir: string): Generator<ConflictedMerge> {
  const commits = git(gitDir, 'rev-list', '--merges', '--parents', '--all') ?? '';
  for (const line of commits.split('\n')) {
    const [commit, ours, theirs, more] = line.split(' ');
    if (!commit || !ours || !theirs || more !== undefined) continue;
    const merged = spawnSync('git', ['--git-dir', gitDir, 'merge-tree', '--write-tree', '--name-only', ours, theirs], {
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    });
    if (merged.status !== 1) continue;
    const paths = merged.stdout.split('\n\n')[0]?.split('\n').slice(1) ?? [];
    const base = git(gitDir, 'merge-base', ours, theirs)?.trim();
    if (base === undefined) continue;
    const files = [...new Set(paths)].flatMap((path) => {
      const [b, o, t, people] = [base, ours, theirs, commit].map((at) => git(gitDir, 'show', `${at}:${path}`));
      const isWhole = b !== undefined && o !== undefined && t !== undefined && people !== undefined;
      return isWhole && !/^<{7} /m.test(people) ? [{ path, base: b, ours: o, theirs: t, people }] : [];
    });
    if (files.length > 0) yield { commit, files };
  }
}

/** Standard output, undefined when git says no. */
function git(gitDir: string, ...args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync('git', ['--git-dir', gitDir, ...args], { encoding: 'utf8', maxBuffer: 2 ** 28 });
  return status === 0 ? stdout : undefined;
}
