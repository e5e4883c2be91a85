import { digestOf } from '#kernel/digest.ts';
import type { GitOid, RepoId } from '#domain/ids.ts';
import type { Task } from '#domain/task.ts';
import type { Subject } from './statement.ts';

/** A change as a subject: the commit, its tree, and the SHA-256 hex of its patch (see `patchArguments`). */
export function changeSubject(change: { repo: RepoId; commit: GitOid; tree: GitOid; patchSha256: string }): Subject {
  return {
    name: `${change.repo}@${change.commit}`,
    digest: { gitCommit: change.commit, gitTree: change.tree, sha256: change.patchSha256 },
  };
}

/** A task that ended without a change: SHA-256 of the canonical JSON of what was asked. */
export function taskSubject(task: Task): Subject {
  const { id, tenant, repo, work, priority, key, submittedBy, submittedAt } = task;
  const request = { id, tenant, repo, work, priority, key, submittedBy, submittedAt };
  return { name: `task:${id}`, digest: { sha256: digestOf(request) } };
}

/**
 * Arguments of `git` that make the patch of a change: plumbing with every choice spelled out, so that nobody's
 * configuration changes a byte.
 */
export function patchArguments(from: GitOid, to: GitOid): readonly string[] {
  return [
    'diff-tree',
    '-p',
    '--binary',
    '--full-index',
    '--no-renames',
    '--no-color',
    '--no-ext-diff',
    '--no-textconv',
    '--no-indent-heuristic',
    '--diff-algorithm=myers',
    '--unified=3',
    '--src-prefix=a/',
    '--dst-prefix=b/',
    from,
    to,
  ];
}
