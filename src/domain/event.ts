import type { Json } from '#kernel/json.ts';
import type { Millis } from '#kernel/clock.ts';
import type { PrincipalId, RunId, TaskId, TenantId } from './ids.ts';

/** Past tense, one schema each; a change of meaning raises `version`. */
export const EVENT_TYPES = [
  'tenant.created',
  'tenant.updated',
  'budget.topped_up',
  'repo.added',
  'task.submitted',
  'task.admitted',
  'task.denied',
  'task.deferred',
  'task.started',
  'task.preempted',
  'task.ended',
  'task.cancelled',
  'task.retried',
  'policy.decided',
  'step.started',
  'step.finished',
  'usage.charged',
  'change.opened',
  'change.asked',
  'change.approved',
  'change.rejected',
  'change.commented',
  'change.landed',
  'evidence.signed',
  'worker.started',
  'worker.stopped',
  'lease.expired',
  'slo.alerted',
  'throttle.changed',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** The record: append-only, numbered without gaps of meaning by `seq`. Pages, KPIs and evidence are built from these and the ledger only. */
export interface Event {
  readonly seq: number;
  readonly type: EventType;
  readonly version: 1;
  readonly at: Millis;
  readonly tenant: TenantId;
  readonly task?: TaskId;
  readonly run?: RunId;
  readonly by: PrincipalId;
  readonly data: { readonly [name: string]: Json };
}

export type NewEvent = Omit<Event, 'seq' | 'version' | 'at'>;
