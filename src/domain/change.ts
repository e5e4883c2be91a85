import type { Millis } from '#kernel/clock.ts';
import type { ChangeId, GitOid, PrincipalId, RepoId, RunId, TaskId, TenantId } from './ids.ts';
import type { Reason } from './reason.ts';

export const CHANGE_STATES = ['open', 'needs_human', 'approved', 'landed', 'rejected', 'closed'] as const;
export type ChangeState = (typeof CHANGE_STATES)[number];

/** A proposed change: the pull request of the local forge. Its natural key is the branch. */
export type Change = {
  readonly id: ChangeId;
  readonly tenant: TenantId;
  readonly repo: RepoId;
  readonly task: TaskId;
  readonly run: RunId;
  /** `maestro/<run>`. */
  readonly branch: string;
  readonly base: GitOid;
  readonly head: GitOid;
  readonly title: string;
  readonly body: string;
  readonly author: PrincipalId;
  readonly state: ChangeState;
  /** Why a person is asked; empty otherwise. */
  readonly asks: readonly Reason[];
  readonly openedAt: Millis;
  readonly landedCommit?: GitOid;
};

/** A check beside a change; its natural key is (change, name). */
export type Check = {
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'unknown';
  readonly summary: string;
};

/** A comment; its natural key is (change, marker). */
export type Comment = {
  readonly marker: string;
  readonly author: PrincipalId;
  readonly body: string;
  readonly at: Millis;
};
