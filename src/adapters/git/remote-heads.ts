import type { Git } from '#domain/git.ts';
import { gitFault } from './errors.ts';
import { withoutSecret } from './source.ts';

/** What a source has to offer. */
export interface RemoteHeads {
  readonly branches: readonly string[];
  /** The branch that HEAD names, when it has a commit. */
  readonly headBranch: string | null;
  readonly headCommit: string | null;
}

export async function readHeads(
  git: Git,
  source: { address: string; env: { readonly [name: string]: string } },
  signal?: AbortSignal,
): Promise<RemoteHeads> {
  const { address, env } = source;
  const args = ['ls-remote', '--symref', '--', address];
  const text = await git.text({ args, env, ...(signal && { signal }) }).catch((cause: unknown) => {
    throw unreachable(address, cause);
  });
  const rows = text.split('\n').map((line) => line.split('\t'));
  const branches: string[] = [];
  let headBranch: string | null = null;
  let headCommit: string | null = null;
  for (const [value = '', ref = ''] of rows) {
    if (ref === 'HEAD' && value.startsWith('ref: refs/heads/')) headBranch = value.slice('ref: refs/heads/'.length);
    else if (ref === 'HEAD') headCommit = value;
    else if (ref.startsWith('refs/heads/')) branches.push(ref.slice('refs/heads/'.length));
    if (/^[0-9a-f]{64}$/.test(value)) throw gitFault('OBJECT_FORMAT', `${withoutSecret(address)} uses SHA-256`);
  }
  return { branches, headBranch: headBranch !== null && branches.includes(headBranch) ? headBranch : null, headCommit };
}

/** The branch to work on: the one that was asked for, else the one that HEAD names. */
export function chooseBranch(origin: string, heads: RemoteHeads, wanted: string | undefined): string {
  const some = heads.branches.slice(0, 5).join(', ');
  if (heads.branches.length === 0) throw gitFault('EMPTY_REPOSITORY', `${origin} has no branch with a commit`);
  if (wanted !== undefined) {
    if (heads.branches.includes(wanted)) return wanted;
    throw gitFault('BRANCH_MISSING', `${origin} has no branch ${wanted}, it has ${some}`);
  }
  if (heads.headBranch !== null) return heads.headBranch;
  const what = heads.headCommit === null ? 'HEAD of it names a branch without a commit' : 'its HEAD is detached';
  throw gitFault('DETACHED_HEAD', `${origin} does not say which branch to work on: ${what}; it has ${some}`);
}

/** Without the cause: its facts hold the address as it was given, perhaps with a password. */
export function unreachable(address: string, cause: unknown): Error {
  // The cast is true enough: whatever was thrown is only thrown again.
  if (!(cause instanceof Error) || !('code' in cause) || cause.code !== 'GIT_FAILED') return cause as Error;
  const words = withoutSecret(cause.message);
  return gitFault('SOURCE_UNREACHABLE', `${withoutSecret(address)} cannot be read: ${words}`);
}
