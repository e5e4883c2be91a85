import type { Millis } from '#kernel/clock.ts';
import type { TenantId } from '#domain/ids.ts';
import type { TaskState } from '#domain/task.ts';
import type { Reason } from '#domain/reason.ts';
import type { DecisionDocument } from './decisions.ts';

/** One task as people see it. Money in dollars and times in milliseconds, for showing only. */
export type TaskStatus = {
  readonly task: string;
  readonly key: string;
  readonly tenant: string;
  readonly repo: string;
  /** `rename-api from=a to=b`. */
  readonly what: string;
  readonly state: TaskState;
  /** The step it is in, or what it waits for. */
  readonly doing: string;
  readonly waitedMs: number;
  readonly ranMs: number;
  readonly costUsd: number;
  readonly change: string | null;
  readonly reasons: readonly Reason[];
};

export type TenantStatus = {
  readonly tenant: string;
  readonly weight: number;
  readonly capUsd: number;
  readonly spentUsd: number;
  readonly heldUsd: number;
  readonly waiting: number;
  readonly running: number;
  /** Part of the slot time that it got while every tenant had work waiting, as far as the shown tasks tell; null when there was no such time. */
  readonly shareGot: number | null;
  readonly shareDue: number;
};

/** A change that waits for a person. */
export type InboxItem = {
  readonly change: string;
  readonly tenant: TenantId;
  readonly title: string;
  readonly ageMs: number;
  readonly asks: readonly Reason[];
};

/** Everything that the status page and the live table show, from events, tasks and ledger only. */
export type Status = {
  readonly at: Millis;
  readonly engines: { readonly [engine: string]: string };
  readonly tenants: readonly TenantStatus[];
  /** Everything that has not ended, and the last that have, in the order of submission. */
  readonly tasks: readonly TaskStatus[];
  /** Tasks beside those. */
  readonly notShown: number;
  readonly inbox: readonly InboxItem[];
  /** What the system did last by itself, newest first. */
  readonly decisions: readonly DecisionDocument[];
};
