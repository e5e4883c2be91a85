import type { Tx } from '#kernel/sql.ts';
import type { Change, ChangeState, Check, Comment } from '#domain/change.ts';
import type { ChangeId, GitOid, RepoId } from '#domain/ids.ts';
import type { Reason } from '#domain/reason.ts';
import type { TestReport } from '#domain/test-report.ts';

/** Where changes are proposed and land: the local forge, or GitHub. Every effect has a natural key, so twice is the same as once. */
export interface Forge {
  head(repo: RepoId, branch: string): Promise<GitOid>;
  /** Creates or moves the branch of a change; refuses when someone else moved it. */
  pushBranch(push: { repo: RepoId; branch: string; commit: GitOid }): Promise<void>;
  /** Opens the change of a branch, or adopts the one that is open already. */
  open(change: Omit<Change, 'id' | 'state' | 'openedAt' | 'asks'>): Promise<Change>;
  find(id: ChangeId): Promise<Change | undefined>;
  setState(tx: Tx, id: ChangeId, state: ChangeState, asks?: readonly Reason[]): Promise<void>;
  setCheck(id: ChangeId, check: Check): Promise<void>;
  comment(id: ChangeId, comment: Comment): Promise<void>;
  /** Compare-and-swap: moves the branch from `from` to `to`, or says that it stands elsewhere. */
  moveBranch(move: {
    repo: RepoId;
    branch: string;
    from: GitOid;
    to: GitOid;
  }): Promise<{ readonly moved: boolean; readonly head: GitOid }>;
}

/** Git objects of one bare repository. Nothing here needs or touches a working tree. */
export interface GitObjects {
  treeOf(repoDir: string, commit: GitOid): Promise<GitOid>;
  /** `git merge-tree --write-tree`: a tree, or the paths that conflict. */
  mergeTree(repoDir: string, sides: { base?: GitOid; ours: GitOid; theirs: GitOid }): Promise<MergedTree>;
  commitTree(
    repoDir: string,
    commit: { tree: GitOid; parents: readonly GitOid[]; message: string; at: number },
  ): Promise<GitOid>;
  readFile(repoDir: string, commit: GitOid, path: string): Promise<string | undefined>;
  /** The tree with some files replaced. */
  writeFiles(
    repoDir: string,
    tree: GitOid,
    files: readonly { readonly path: string; readonly text: string }[],
  ): Promise<GitOid>;
  isAncestor(repoDir: string, ancestor: GitOid, descendant: GitOid): Promise<boolean>;
  mergeBase(repoDir: string, a: GitOid, b: GitOid): Promise<GitOid | undefined>;
}

export type MergedTree =
  | { readonly kind: 'clean'; readonly tree: GitOid }
  | { readonly kind: 'conflict'; readonly tree: GitOid; readonly paths: readonly string[] };

/** One file that three versions disagree on. */
export interface ConflictedFile {
  readonly path: string;
  readonly base: string;
  readonly ours: string;
  readonly theirs: string;
}

export interface Resolution {
  readonly status: 'resolved' | 'conflict';
  readonly text: string;
  readonly tier: 'auto' | 'suggest' | 'leave';
  /** Calibrated probability that people would have written the same; in [0, 1]. */
  readonly confidence: number;
  readonly rule: string;
  readonly reasons: readonly string[];
}

/** Reconciles conflicting files; filled by the merge room. */
export interface MergeResolver {
  resolve(file: ConflictedFile): Promise<Resolution>;
}

/** Proves one tree by the repository's own tests; filled by the exec room. */
export interface Verify {
  test(request: { repo: RepoId; tree: GitOid }, signal: AbortSignal): Promise<TestReport>;
}
