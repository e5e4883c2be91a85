import type { Json } from '#kernel/json.ts';
import type { Millis } from '#kernel/clock.ts';
import type { PrincipalId, RunId, TaskId, TenantId } from './ids.ts';

/** Past tense, one schema each; a change of meaning raises `version`. */
export const EVENT_TYPES = [
  'tenant.created',
  'tenant.updated',
  'tenant.erased',
  'budget.topped_up',
  'budget.set',
  'budget.downshifted',
  'budget.breached',
  'budget.settled_at_bound',
  'tenant.stopped',
  'tenant.resumed',
  'repo.added',
  'task.submitted',
  'task.admitted',
  'task.denied',
  'task.deferred',
  'task.started',
  'task.preempted',
  'task.restarted',
  'task.ended',
  'task.cancelled',
  'task.retried',
  'policy.decided',
  'plugin.called',
  'config.applied',
  'audit.pruned',
  'override.requested',
  'override.approved',
  'override.revoked',
  'override.used',
  'step.started',
  'step.finished',
  'plan.chosen',
  'rung.taken',
  'usage.charged',
  'change.opened',
  'change.asked',
  'change.unsettled',
  'change.approved',
  'change.rejected',
  'change.commented',
  'change.reminded',
  'autonomy.changed',
  'change.landed',
  'evidence.signed',
  'principal.changed',
  'principal.disabled',
  'key.created',
  'key.revoked',
  'session.opened',
  'webhook.added',
  'webhook.removed',
  'webhook.stopped',
  'worker.started',
  'worker.stopped',
  'lease.expired',
  'slo.alerted',
  'throttle.changed',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** What each event says happened, for the reference page. */
export const EVENT_MEANINGS: { readonly [type in EventType]: string } = Object.freeze({
  'tenant.created': 'A tenant was added, with its weight, budget and promises.',
  'tenant.updated': 'Settings of a tenant changed; weights act at once, also on what already waits.',
  'tenant.erased': 'Everything of a tenant was deleted for good; what remains says nothing about its contents.',
  'budget.topped_up': 'Money was added to the cap of a scope.',
  'budget.set': 'A cap was given to the company or to a team.',
  'budget.downshifted':
    'A task was admitted with a cheaper plan than requested, with the scope and the numbers that decided.',
  'budget.breached': 'Something cost more than was reserved for it; the difference is spent and recorded.',
  'budget.settled_at_bound': 'What was reserved for ended work was never settled; it counts as spent to its bound.',
  'tenant.stopped': 'A person stopped everything of a tenant, or of all: nothing more is begun.',
  'tenant.resumed': 'A person let a stopped tenant go on.',
  'repo.added': 'A repository of a tenant was taken under management.',
  'task.submitted': 'Someone asked for a task; its key makes asking twice the same as once.',
  'task.admitted': 'Policy allowed the task and its money is reserved; it waits for its turn.',
  'task.denied': 'Policy or a hard limit refused the task, with reasons.',
  'task.deferred': 'The task waits for money, and goes on by itself when there is some.',
  'task.started': 'A worker began a run of the task.',
  'task.preempted': 'The run gave way at a step boundary; it goes on from its last checkpoint.',
  'task.restarted': 'The base moved too far under the run; the work is done anew from there, by a further run.',
  'task.ended': 'The task reached an end: landed, no_change, needs_human or failed.',
  'task.cancelled': 'A person stopped the task.',
  'task.retried': 'A person asked for a task that had ended to be tried again.',
  'policy.decided': 'A policy engine decided about one action, with reasons and obligations.',
  'plugin.called': 'A plugin ran: which bytes, with what rights, behind which walls, what it used and changed.',
  'config.applied': 'The file of tenants and repositories was applied to a tenant; its fields then.',
  'audit.pruned': 'The beginning of the audit log was dropped up to this number, since it is older than it is kept.',
  'override.requested': 'Someone asked for an exception to policy, with scope, time, uses and reason.',
  'override.approved': 'A second person approved an override; it lifts refusals from now on.',
  'override.revoked': 'An override was ended before its time.',
  'override.used': 'An override lifted the refusals of one action.',
  'step.started': 'A step of a run was recorded before its effect.',
  'step.finished': 'The effect and the result of a step are recorded.',
  'plan.chosen': 'The model, or the ladder of models, that a run thinks with was chosen, with its propensity.',
  'rung.taken': 'A rung of the ladder did not do, so the next one was taken; with the reason and what was used so far.',
  'usage.charged': 'What a step used was charged to every scope of the task.',
  'change.opened': 'A change was proposed: branch, pull request and Decision Card exist.',
  'change.asked': 'A change waits for a person, with the reasons.',
  'change.unsettled':
    'A change and its branch conflict, and a person is needed: what was merged, proposed and left, file by file.',
  'change.approved': 'A person approved a change.',
  'change.rejected': 'A person rejected a change.',
  'change.commented': 'Someone commented on a change.',
  'change.reminded': 'A change has waited for a person for one more full interval.',
  'autonomy.changed':
    'What people said of changes raised or lowered what a kind of work may do by itself in a repository.',
  'change.landed': 'The main branch was moved to exactly the tree that was tested.',
  'evidence.signed': 'The statements of a task were signed and appended to the transparency log.',
  'principal.changed': 'The roles of a principal in one place became those that are told.',
  'principal.disabled': 'A principal was shut out of everything, or let in again.',
  'key.created': 'A key was made that acts as a principal; its secret is not told.',
  'key.revoked': 'A key was ended before its time.',
  'session.opened': 'Somebody signed in with a browser.',
  'webhook.added': 'The events of a tenant are told to an address from now on.',
  'webhook.removed': 'They are told there no more.',
  'webhook.stopped': 'An address failed for so long that it was given up.',
  'worker.started': 'A worker process began to take tasks.',
  'worker.stopped': 'A worker process ended cleanly.',
  'lease.expired': 'A worker gave no sign of life in time; its task may be taken over.',
  'slo.alerted': 'The error budget of a tenant burns faster than its alert allows.',
  'throttle.changed':
    'The speed of a tenant was lowered or restored, with the burn rates that caused it when they are its own.',
});

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
