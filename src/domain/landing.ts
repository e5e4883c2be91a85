import type { Millis } from '#kernel/clock.ts';
import type { ChangeId, GitOid, PrincipalId, RepoId } from './ids.ts';

/** How a change came onto a branch: what was tested, what landed, and the compare-and-swap that moved the branch. */
export type Landing = {
  readonly repo: RepoId;
  readonly branch: string;
  readonly change: ChangeId;
  /** The commit that the change was made on; main may have moved since. */
  readonly changeBase: GitOid;
  readonly changeHead: GitOid;
  /** Where the branch stood when `testedTree` was tested; must equal `movedFrom`. */
  readonly testedBase: GitOid;
  /** The change whose candidate `testedBase` was when it was tested, before that one landed; null where it was the branch itself. */
  readonly testedOnTopOf: ChangeId | null;
  readonly testedTree: GitOid;
  readonly landedCommit: GitOid;
  /** Read back from the branch after it moved; must equal `testedTree`. */
  readonly landedTree: GitOid;
  readonly movedFrom: GitOid;
  readonly movedTo: GitOid;
  readonly landedAt: Millis;
  readonly landedBy: PrincipalId;
  /** People who approved; empty when policy let it land by itself. */
  readonly approvedBy: readonly PrincipalId[];
};
