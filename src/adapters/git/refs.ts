import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Git } from '#domain/git.ts';
import type { GitOid } from '#domain/ids.ts';
import type { Moved } from '#train/ports.ts';
import { gitFault } from './errors.ts';
import { gitOid, NO_OID } from './oid.ts';

/** Another git may hold the lock of a ref for as long as it takes to write 41 bytes. */
const LOCK_WAIT = ['-c', 'core.filesRefLockTimeout=5000'];

/** The commit at `refs/heads/<branch>`, or null. */
export async function branchHead(git: Git, repoDir: string, branch: string): Promise<GitOid | null> {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `refs/heads/${branch}^{commit}`];
  const found = await git.run({ args, gitDir: repoDir, accept: [0, 1] });
  return found.exitCode === 0 ? gitOid(found.stdout.toString('utf8').trim()) : null;
}

/** Heads of all branches below a prefix that ends in a slash. */
export async function branchHeads(git: Git, repoDir: string, prefix: string): Promise<ReadonlyMap<string, GitOid>> {
  const args = ['for-each-ref', '--format=%(objectname) %(refname)', `refs/heads/${prefix}`];
  const text = await git.text({ args, gitDir: repoDir });
  const lines = text === '' ? [] : text.split('\n');
  return new Map(lines.map((line) => [line.slice(41 + 'refs/heads/'.length), gitOid(line.slice(0, 40))]));
}

export interface BranchMove {
  readonly branch: string;
  /** Null: the branch must not be there. */
  readonly from: GitOid | null;
  readonly to: GitOid;
  readonly unmoved?: { readonly branch: string; readonly head: GitOid };
}

/**
 * One atomic compare-and-swap by `git update-ref`. Not moved is an answer: someone else was first. A branch that stands at `to`
 * already counts as moved, so that doing it twice is the same as once.
 */
export async function moveRef(git: Git, repoDir: string, move: BranchMove): Promise<Moved> {
  const lines = [
    'start',
    ...(move.unmoved === undefined ? [] : [`verify refs/heads/${move.unmoved.branch} ${move.unmoved.head}`]),
    `update refs/heads/${move.branch} ${move.to} ${move.from ?? NO_OID}`,
    'commit',
    '',
  ];
  const args = [...LOCK_WAIT, 'update-ref', '--stdin'];
  const output = await git.run({ args, gitDir: repoDir, stdin: lines.join('\n'), accept: [0, 128] });
  if (output.exitCode === 0) return { moved: true, head: move.to };

  const head = await branchHead(git, repoDir, move.branch);
  if (head === move.to) return { moved: true, head };
  const other = move.unmoved && (await branchHead(git, repoDir, move.unmoved.branch));
  if (head !== move.from || other !== move.unmoved?.head) return { moved: false, head };
  throw refused(repoDir, move, output.stderr);
}

function refused(repoDir: string, move: BranchMove, stderr: string): Error {
  const locks = [move.branch, move.unmoved?.branch].map((branch) => join(repoDir, `refs/heads/${branch}.lock`));
  const lock = locks.find((file) => existsSync(file));
  if (lock !== undefined) return gitFault('REF_LOCKED', `the branch ${move.branch} stays locked by ${lock}`);
  return gitFault('GIT_FAILED', `git update-ref refused to move ${move.branch}: ${stderr}`, { details: { stderr } });
}
