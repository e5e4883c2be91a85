import type { Clock } from '#kernel/clock.ts';
import type { Change } from '#domain/change.ts';
import type { GitOid } from '#domain/ids.ts';
import type { Forge, GitObjects, MergeFacts, MergeResolver, Verify } from './ports.ts';

/** What is to land. `change.head` is what was checked: a later push is another content. */
export interface LandingJob {
  readonly change: Change;
  /** The bare repository. */
  readonly repoDir: string;
  /** Where it lands: the default branch. */
  readonly branch: string;
}

export interface LandParts {
  readonly objects: GitObjects;
  readonly forge: Forge;
  readonly resolver: MergeResolver;
  readonly verify: Verify;
  readonly clock: Clock;
}

/** One commit on top of the branch as it stood, ready to be tested and to become the branch. */
export type Candidate = {
  /** Where the branch stood; the only place from which it may be moved to `commit`. */
  readonly base: GitOid;
  readonly commit: GitOid;
  readonly tree: GitOid;
  readonly how: 'as_proposed' | 'merged' | 'resolved';
  readonly resolved: readonly ResolvedFile[];
};

/** A conflict that was settled without a person. */
export type ResolvedFile = {
  readonly path: string;
  readonly rule: string;
  readonly confidence: number;
  /** Digests and gates, as the resolver tells them. */
  readonly record?: MergeFacts;
};
