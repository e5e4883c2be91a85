import type { Millis } from '#kernel/clock.ts';
import type { NanoUsd } from '#kernel/money.ts';
import type { PrincipalId, RepoId, TaskId, TenantId } from './ids.ts';
import type { Reason } from './reason.ts';

export type Priority = 'hi' | 'lo';

/** What is to be done: a recipe that needs no model, or an agent with a prompt. */
export type Work =
  | { readonly kind: 'recipe'; readonly name: string; readonly params: { readonly [name: string]: string } }
  | {
      readonly kind: 'agent';
      readonly name: string;
      readonly prompt: string;
      /** The model of the gateway file that it starts with; absent: the cheapest rung of the ladder. */
      readonly model?: string;
    };

/** The model that a person named for the work; undefined when the ladder chooses. */
export function modelNamed(work: Work): string | undefined {
  return work.kind === 'agent' ? work.model : undefined;
}

/** Five ends (landed, no_change, needs_human, denied, failed), cancelled by a person, and the states on the way. */
export const TASK_STATES = [
  'proposed',
  'denied',
  'deferred',
  'queued',
  'running',
  'landed',
  'no_change',
  'needs_human',
  'failed',
  'cancelled',
] as const;
export type TaskState = (typeof TASK_STATES)[number];

/** States in which nothing more happens unless a person acts. `deferred` is woken by money, so it is not among them. */
export const ENDED: readonly TaskState[] = ['denied', 'landed', 'no_change', 'needs_human', 'failed', 'cancelled'];

const NEXT: { readonly [state in TaskState]: readonly TaskState[] } = {
  proposed: ['denied', 'deferred', 'queued', 'cancelled'],
  deferred: ['denied', 'deferred', 'queued', 'cancelled'],
  queued: ['running', 'cancelled', 'denied'],
  running: ['queued', 'deferred', 'landed', 'no_change', 'needs_human', 'denied', 'failed', 'cancelled'],
  needs_human: ['queued', 'deferred', 'cancelled', 'failed'],
  failed: ['proposed'],
  denied: ['proposed'],
  cancelled: ['proposed'],
  landed: [],
  no_change: [],
};

export function mayBecome(from: TaskState, to: TaskState): boolean {
  return NEXT[from].includes(to);
}

export interface Task {
  readonly id: TaskId;
  readonly tenant: TenantId;
  readonly repo: RepoId;
  readonly work: Work;
  readonly priority: Priority;
  /** Given by the submitter: submitting twice with one key is the same as once. */
  readonly key: string;
  readonly submittedBy: PrincipalId;
  readonly state: TaskState;
  readonly reasons: readonly Reason[];
  readonly submittedAt: Millis;
  /** Upper bound of what one run may cost; reserved before it starts. */
  readonly boundNano: NanoUsd;
  /** Labels that a worker must have to run it, such as `gpu=true`. Absent: any worker. */
  readonly needs?: readonly string[];
}
