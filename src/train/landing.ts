import type { Clock } from '#kernel/clock.ts';
import type { Change } from '#domain/change.ts';
import type { ChangeId, GitOid } from '#domain/ids.ts';
import type { Forge, GitObjects, LandingLine, Locks, MergeFacts, MergeResolver, Resolution, Verify } from './ports.ts';

/** What is to land. `change.head` is what was checked: a later push is another content. */
export interface LandingJob {
  readonly change: Change;
  /** The bare repository. */
  readonly repoDir: string;
  /** Where it lands: the default branch. */
  readonly branch: string;
  /** SHA-256 of merged texts that a person was shown and has confirmed. */
  readonly confirmed?: readonly string[];
}

export interface LandParts {
  readonly objects: GitObjects;
  readonly forge: Forge;
  readonly line: LandingLine;
  readonly resolver: MergeResolver;
  readonly locks: Locks;
  readonly verify: Verify;
  readonly clock: Clock;
}

/** One commit on top of the branch as it stood, or as it will stand once the one ahead has landed; ready to be tested and to become the branch. */
export type Candidate = {
  /** Where the branch stands then; the only place from which it may be moved to `commit`. */
  readonly base: GitOid;
  /** The change whose candidate `base` is, not landed then; null where `base` was the branch. */
  readonly onTopOf: ChangeId | null;
  readonly commit: GitOid;
  readonly tree: GitOid;
  readonly how: 'as_proposed' | 'merged' | 'resolved';
  readonly resolved: readonly ResolvedFile[];
};

/** A merge in which only lock files are left. */
export type Draft = {
  readonly base: GitOid;
  readonly onTopOf: ChangeId | null;
  /** Lock files stand in it with git's markers. */
  readonly tree: GitOid;
  readonly locks: readonly LockConflict[];
  readonly resolved: readonly ResolvedFile[];
};

/** A lock file that both sides changed, as blobs. */
export type LockConflict = {
  readonly path: string;
  readonly base: GitOid;
  readonly ours: GitOid;
  readonly theirs: GitOid;
};

/** A merge that waits for a person: what could be done is in `commit`, the rest stands in it between markers. */
export type Unsettled = {
  readonly base: GitOid;
  readonly commit: GitOid;
  readonly files: readonly ResolvedFile[];
};

/** What became of one file that conflicts. */
export type ResolvedFile = {
  readonly path: string;
  readonly rule: string;
  /** `suggest` lands only once a person has confirmed it. */
  readonly tier: Resolution['tier'];
  readonly confidence: number;
  readonly reasons: readonly string[];
  /** Digests and gates, as the resolver tells them. */
  readonly record?: MergeFacts;
};
