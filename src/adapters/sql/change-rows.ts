import type { Change, ChangeState, Check, Comment } from '#domain/change.ts';
import type { ChangeId, GitOid, PrincipalId, RepoId, RunId, TaskId, TenantId } from '#domain/ids.ts';
import type { Reason } from '#domain/reason.ts';
import { millis } from '#kernel/clock.ts';

/** A row of `change`. The brands are true as far as only `SqlChangeStore` writes these rows. */
export type ChangeRow = {
  readonly id: ChangeId;
  readonly tenant: TenantId;
  readonly repo: RepoId;
  readonly task: TaskId;
  readonly run: RunId;
  readonly branch: string;
  readonly base: GitOid;
  readonly head: GitOid;
  readonly title: string;
  readonly body: string;
  readonly author: PrincipalId;
  readonly state: ChangeState;
  readonly asks: string;
  readonly opened_at: number;
  readonly landed_commit: GitOid | null;
};

export type CheckRow = { readonly [name in keyof Check]: Check[name] };

export type CommentRow = { readonly [name in keyof Comment]: Comment[name] };

export function changeOf(row: ChangeRow): Change {
  const { id, tenant, repo, task, run, branch, base, head, title, body, author, state } = row;
  return {
    ...{ id, tenant, repo, task, run, branch, base, head, title, body, author, state },
    // The cast is true: the store wrote the reasons of a change there.
    asks: JSON.parse(row.asks) as Reason[],
    openedAt: millis(row.opened_at),
    ...(row.landed_commit === null ? {} : { landedCommit: row.landed_commit }),
  };
}
