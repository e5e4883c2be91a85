import type { Json } from '#kernel/json.ts';
import type { Tx } from '#kernel/sql.ts';
import type { Change, ChangeState, Check, Comment } from '#domain/change.ts';
import type { ChangedFile, FileContent, FileMode } from '#domain/diff.ts';
import type { ChangeId, GitOid, RepoId, TenantId } from '#domain/ids.ts';
import type { Reason } from '#domain/reason.ts';
import type { Task } from '#domain/task.ts';
import type { TestReport } from '#domain/test-report.ts';

/** What is told of a change when it is opened. */
export type NewChange = Omit<Change, 'id' | 'state' | 'openedAt' | 'asks' | 'landedCommit'>;

/** Where changes are proposed and land: the local forge, or GitHub. Every effect has a natural key, so twice is the same as once. */
export interface Forge {
  /** The commit that a branch stands at; undefined when there is no such branch. */
  head(repo: RepoId, branch: string): Promise<GitOid | undefined>;
  /** Makes (`from` null) or moves the branch of a change; says so when it stands elsewhere. */
  pushBranch(push: { repo: RepoId; branch: string; from: GitOid | null; to: GitOid }): Promise<Moved>;
  /** Opens the change of a branch, or adopts the one that is there already. */
  open(change: NewChange): Promise<Change>;
  /** With the head that its branch has now. */
  find(id: ChangeId): Promise<Change | undefined>;
  /** Newest first. */
  list(filter: ChangeFilter): Promise<readonly Change[]>;
  setState(tx: Tx, id: ChangeId, state: ChangeState, more?: StateDetails): Promise<void>;
  /** Closes the changes of a task that still wait for something: nobody can be asked about them any more. */
  closeOpen(tx: Tx, task: Pick<Task, 'tenant' | 'id'>): Promise<void>;
  setCheck(id: ChangeId, check: Check): Promise<void>;
  checks(id: ChangeId): Promise<readonly Check[]>;
  comment(id: ChangeId, comment: Comment): Promise<void>;
  comments(id: ChangeId): Promise<readonly Comment[]>;
  /** Other open changes of the repository whose tree or patch is the same. */
  twins(change: Pick<Change, 'repo' | 'branch' | 'base' | 'head'>): Promise<readonly ChangeId[]>;
  /**
   * Compare-and-swap: moves the branch from `from` to `to`, or says where it stands. With `unmoved`, only while that
   * other branch stands where it is said to stand, in the same atomic step.
   */
  moveBranch(move: {
    repo: RepoId;
    branch: string;
    from: GitOid;
    to: GitOid;
    unmoved?: { readonly branch: string; readonly head: GitOid };
  }): Promise<Moved>;
}

export type Moved = { readonly moved: boolean; readonly head: GitOid | null };

export interface ChangeFilter {
  readonly tenant?: TenantId;
  readonly repo?: RepoId;
  readonly branch?: string;
  readonly states?: readonly ChangeState[];
  /** Only those opened before this change. */
  readonly before?: ChangeId;
  /** All when absent. */
  readonly limit?: number;
}

export interface StateDetails {
  readonly asks?: readonly Reason[];
  readonly landedCommit?: GitOid;
}

/** What identifies the content of a change: its tree, and its difference from the base whatever the base was. */
export interface ChangeContent {
  readonly head: GitOid;
  readonly tree: GitOid;
  readonly patchId: string;
}

/** Rows of changes, checks and comments. The local forge keeps them beside its git repositories. */
export interface ChangeStore {
  /** Natural key (repo, branch): gives the row that is there, whoever made it. */
  open(change: Change, content: ChangeContent): Promise<Change>;
  find(id: ChangeId): Promise<Change | undefined>;
  list(filter: ChangeFilter): Promise<readonly Change[]>;
  /** The branch was pushed to: an approval of what it held before is no approval of this. */
  setContent(id: ChangeId, content: ChangeContent): Promise<void>;
  setState(tx: Tx, id: ChangeId, state: ChangeState, more: StateDetails): Promise<void>;
  closeOpen(tx: Tx, task: Pick<Task, 'tenant' | 'id'>): Promise<void>;
  setCheck(id: ChangeId, check: Check): Promise<void>;
  checks(id: ChangeId): Promise<readonly Check[]>;
  comment(id: ChangeId, comment: Comment): Promise<void>;
  comments(id: ChangeId): Promise<readonly Comment[]>;
  twins(of: { repo: RepoId; branch: string; tree: GitOid; patchId: string }): Promise<readonly ChangeId[]>;
}

/** Git objects of one bare repository. Nothing here needs or touches a working tree. `at`, `from` and `to` are commits or trees. */
export interface GitObjects {
  treeOf(repoDir: string, at: GitOid): Promise<GitOid>;
  readCommit(repoDir: string, commit: GitOid): Promise<CommitFacts>;
  /** `git merge-tree --write-tree`: a tree, or the paths that conflict. Without `base`, git finds the merge base itself. */
  mergeTree(repoDir: string, sides: { base?: GitOid; ours: GitOid; theirs: GitOid }): Promise<MergedTree>;
  /** By Maestro itself, at the given time in ms: equal arguments make the same commit. */
  commitTree(
    repoDir: string,
    commit: { tree: GitOid; parents: readonly GitOid[]; message: string; at: number },
  ): Promise<GitOid>;
  changedFiles(repoDir: string, from: GitOid, to: GitOid): Promise<readonly ChangedFile[]>;
  /** `git diff --binary`, which `git apply` takes. */
  patch(repoDir: string, from: GitOid, to: GitOid): Promise<Uint8Array>;
  /** SHA-256 hex that is equal for equal changes, wherever in the files and on whichever base they are made. */
  patchId(repoDir: string, from: GitOid, to: GitOid): Promise<string>;
  readFile(repoDir: string, at: GitOid, path: string): Promise<FileContent | undefined>;
  /** Paths of all files of a tree. */
  paths(repoDir: string, at: GitOid): Promise<ReadonlySet<string>>;
  readBlobs(repoDir: string, oids: readonly GitOid[]): Promise<ReadonlyMap<GitOid, FileContent>>;
  /** The tree with some files replaced or added. */
  writeFiles(
    repoDir: string,
    tree: GitOid,
    files: readonly { readonly path: string; readonly text: string }[],
  ): Promise<GitOid>;
  isAncestor(repoDir: string, ancestor: GitOid, descendant: GitOid): Promise<boolean>;
  mergeBase(repoDir: string, a: GitOid, b: GitOid): Promise<GitOid | undefined>;
}

export interface CommitFacts {
  readonly tree: GitOid;
  readonly parents: readonly GitOid[];
  readonly message: string;
}

export type MergedTree =
  | { readonly kind: 'clean'; readonly tree: GitOid }
  | { readonly kind: 'conflict'; readonly tree: GitOid; readonly files: readonly Conflict[] };

/** A path that two sides disagree on. Null: that side has no such file. */
export interface Conflict {
  readonly path: string;
  readonly base: ConflictSide | null;
  readonly ours: ConflictSide | null;
  readonly theirs: ConflictSide | null;
  /** True when the only trouble is the content of a plain file that all three have: what a resolver can work on. */
  readonly contentOnly: boolean;
}

export interface ConflictSide {
  readonly mode: FileMode;
  readonly oid: GitOid;
}

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
  /** How it was reached, for the Decision Card. */
  readonly record?: MergeFacts;
  /** True: no merge of texts can answer, the package manager has to make the file anew. */
  readonly isLockFile?: boolean;
}

export type MergeFacts = {
  /** SHA-256 of the inputs and of the result, in hex. */
  readonly digests: { readonly base: string; readonly ours: string; readonly theirs: string; readonly merged: string };
  readonly gates: readonly { readonly gate: string; readonly ok: boolean; readonly detail: string }[];
};

/** Which files the merged tree holds, so that relative imports can be looked up. */
export interface MergedPaths {
  has(path: string): Promise<boolean>;
}

/** Reconciles conflicting files; filled by the merge room. */
export interface MergeResolver {
  resolve(file: ConflictedFile, tree: MergedPaths): Promise<Resolution>;
}

/** Where one landing stands in the line of its branch. */
export interface Place {
  readonly change: ChangeId;
  /** On what its candidate was made; null while there is none. */
  readonly base: GitOid | null;
  /** On what the one behind builds: its candidate, or its base when no candidate can be made on that. */
  readonly tip: GitOid | null;
}

/**
 * The landing line of a branch, as one landing sees it: who lands before whom. Writes are fenced by the hold on its run;
 * an entry whose run nobody holds any more does not count.
 */
export interface LandingLine {
  /** Most landings that are prepared and tested at the same time. */
  readonly depth: number;
  /** Keeps the landing's place and says how it stands; takes the last place when it has none. Twice is the same as once. */
  put(standing: Pick<Place, 'base' | 'tip'>): Promise<void>;
  /** First to land first. */
  places(): Promise<readonly Place[]>;
}

/** Makes lock files anew; filled by the builder of environments. */
export interface Locks {
  /** From the manifests of the tree, in which the lock stands with git's markers; `ours` is the branch's version of it. */
  remake(request: { repo: RepoId; tree: GitOid; path: string; ours: string }, signal: AbortSignal): Promise<RemadeLock>;
}

export type RemadeLock =
  | { readonly kind: 'made'; readonly text: string; readonly command: string }
  | { readonly kind: 'cannot'; readonly why: string };

/** That what a tree needs is there, or why it cannot be had. */
export type Equipped =
  | { readonly kind: 'ready'; readonly with: Json }
  | { readonly kind: 'cannot'; readonly reasons: readonly Reason[] };

/** Proves one tree by the repository's own tests; filled by the exec room. */
export interface Verify {
  /** Gets ready what the programs of a candidate's tree need; asked before its tests. Its answer is kept as the step's result. */
  equip?(request: { repo: RepoId; tree: GitOid }, signal: AbortSignal): Promise<Equipped>;
  test(request: { repo: RepoId; tree: GitOid }, signal: AbortSignal): Promise<TestReport>;
  /** Checks the types of a whole tree; undefined where the repository has no types to check. */
  types?(request: { repo: RepoId; tree: GitOid }, signal: AbortSignal): Promise<TestReport | undefined>;
}
