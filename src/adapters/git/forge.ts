import type { Clock } from '#kernel/clock.ts';
import type { Ids } from '#kernel/ids.ts';
import type { Tx } from '#kernel/sql.ts';
import type { Change, ChangeState, Check, Comment } from '#domain/change.ts';
import type { Git } from '#domain/git.ts';
import type { ChangeId, GitOid, RepoId } from '#domain/ids.ts';
import type { Task } from '#domain/task.ts';
import type {
  ChangeContent,
  ChangeFilter,
  ChangeStore,
  Forge,
  GitObjects,
  Moved,
  NewChange,
  StateDetails,
} from '#train/ports.ts';
import { gitFault } from './errors.ts';
import { branchHead, branchHeads, moveRef } from './refs.ts';

/** Branches of changes, and no others, begin so. */
const CHANGE_PREFIX = 'maestro/';

/** States in which the branch of a change may still be pushed to. */
const OPEN: readonly ChangeState[] = ['open', 'needs_human', 'approved'];

export interface LocalForgeOptions {
  readonly git: Git;
  readonly objects: Pick<GitObjects, 'treeOf' | 'patchId' | 'mergeBase'>;
  readonly changes: ChangeStore;
  readonly repoDir: (repo: RepoId) => string;
  readonly ids: Ids;
  readonly clock: Clock;
}

/** The forge that needs no server: branches in bare repositories, all else in SQL. */
export class LocalForge implements Forge {
  readonly #options: LocalForgeOptions;

  constructor(options: LocalForgeOptions) {
    this.#options = options;
  }

  async head(repo: RepoId, branch: string): Promise<GitOid | undefined> {
    return (await branchHead(this.#options.git, this.#options.repoDir(repo), branch)) ?? undefined;
  }

  async pushBranch(push: { repo: RepoId; branch: string; from: GitOid | null; to: GitOid }): Promise<Moved> {
    const { repo, branch, from, to } = push;
    if (!branch.startsWith(CHANGE_PREFIX)) {
      throw gitFault('BRANCH_REFUSED', `${branch} in ${repo} is not the branch of a change`);
    }
    return moveRef(this.#options.git, this.#options.repoDir(repo), { branch, from, to });
  }

  /** Also puts `refs/changes/<id>/head` there, which follows the branch. */
  async open(change: NewChange): Promise<Change> {
    const { changes, ids, clock, git, repoDir } = this.#options;
    const fresh: Change = {
      ...change,
      id: ids.next('chg') as ChangeId, // a new id of a new change: the brand is true
      state: 'open',
      asks: [],
      openedAt: clock.now(),
    };
    const opened = await changes.open(fresh, await this.#contentOf(change, change.head));
    const args = ['symbolic-ref', `refs/changes/${opened.id}/head`, `refs/heads/${opened.branch}`];
    await git.run({ args, gitDir: repoDir(opened.repo) });
    return opened;
  }

  async find(id: ChangeId): Promise<Change | undefined> {
    const change = await this.#options.changes.find(id);
    if (change === undefined || !OPEN.includes(change.state)) return change;
    await this.#follow(change, await this.head(change.repo, change.branch));
    return this.#options.changes.find(id);
  }

  list(filter: ChangeFilter): Promise<readonly Change[]> {
    return this.#options.changes.list(filter);
  }

  /** Takes over what was pushed to the branches of open changes; call it after a push. */
  async sync(repo: RepoId): Promise<void> {
    const heads = await branchHeads(this.#options.git, this.#options.repoDir(repo), CHANGE_PREFIX);
    for (const change of await this.list({ repo, states: OPEN })) {
      await this.#follow(change, heads.get(change.branch));
    }
  }

  /** Why a ref must not be pushed to; undefined when it is the branch of an open change. */
  async pushProblem(repo: RepoId, ref: string): Promise<string | undefined> {
    if (!ref.startsWith(`refs/heads/${CHANGE_PREFIX}`)) {
      if (!ref.startsWith('refs/heads/')) return 'only branches of open changes can be pushed to';
      return 'protected: what is proposed as a change lands here after its tests';
    }
    const branch = ref.slice('refs/heads/'.length);
    const [change] = await this.list({ repo, branch });
    if (change === undefined) return 'no change has this branch';
    return OPEN.includes(change.state) ? undefined : `its change ${change.id} is ${change.state}`;
  }

  setState(tx: Tx, id: ChangeId, state: ChangeState, more: StateDetails = {}): Promise<void> {
    return this.#options.changes.setState(tx, id, state, more);
  }

  closeOpen(tx: Tx, task: Pick<Task, 'tenant' | 'id'>): Promise<void> {
    return this.#options.changes.closeOpen(tx, task);
  }

  setCheck(id: ChangeId, check: Check): Promise<void> {
    return this.#options.changes.setCheck(id, check);
  }

  checks(id: ChangeId): Promise<readonly Check[]> {
    return this.#options.changes.checks(id);
  }

  comment(id: ChangeId, comment: Comment): Promise<void> {
    return this.#options.changes.comment(id, comment);
  }

  comments(id: ChangeId): Promise<readonly Comment[]> {
    return this.#options.changes.comments(id);
  }

  async twins(change: Pick<Change, 'repo' | 'branch' | 'base' | 'head'>): Promise<readonly ChangeId[]> {
    const { tree, patchId } = await this.#contentOf(change, change.head);
    return this.#options.changes.twins({ repo: change.repo, branch: change.branch, tree, patchId });
  }

  moveBranch(move: {
    repo: RepoId;
    branch: string;
    from: GitOid;
    to: GitOid;
    unmoved?: { readonly branch: string; readonly head: GitOid };
  }): Promise<Moved> {
    return moveRef(this.#options.git, this.#options.repoDir(move.repo), move);
  }

  async #follow(change: Change, head: GitOid | undefined): Promise<void> {
    if (head === undefined || head === change.head) return;
    await this.#options.changes.setContent(change.id, await this.#contentOf(change, head));
  }

  async #contentOf(change: Pick<Change, 'repo' | 'base'>, head: GitOid): Promise<ChangeContent> {
    const { objects, repoDir } = this.#options;
    const dir = repoDir(change.repo);
    const base = (await objects.mergeBase(dir, change.base, head)) ?? change.base;
    return { head, tree: await objects.treeOf(dir, head), patchId: await objects.patchId(dir, base, head) };
  }
}
