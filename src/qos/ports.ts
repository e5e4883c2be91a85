import type { Millis } from '#kernel/clock.ts';
import type { NanoUsd } from '#kernel/money.ts';
import type { Tx } from '#kernel/sql.ts';
import type { SlotMs, Weight } from '#kernel/virtual-time.ts';
import type { TaskId, TenantId } from '#domain/ids.ts';
import type { Priority } from '#domain/task.ts';
import type { BudgetPeriod } from '#domain/tenant.ts';

// What queue and ledger throw is part of their promise, so those who fill these ports find it here.
export { QosError } from './errors.ts';
// What is kept of objectives is counted by the same minutes everywhere.
export type { BurnRuleName, Counts } from './slo/burn.ts';
export type { Measure } from './slo/measures.ts';
export { firstMinute, minuteOf } from './slo/minutes.ts';

/** The downshift ladder, from what was asked for down to nothing at all. */
export const RUNGS = ['requested', 'cheaper', 'cheapest', 'defer', 'refuse'] as const;
export type Rung = (typeof RUNGS)[number];

export interface QueuedJob {
  readonly id: TaskId;
  readonly tenant: TenantId;
  readonly priority: Priority;
  /** From when its wait is counted; it does not change the order. */
  readonly readyAt: Millis;
  /** The workers that it needs, as labels; the same words in the same order are the same pool. Absent: any worker. */
  readonly needs?: readonly string[];
}

export interface ClaimedJob extends QueuedJob {
  /** Rises with each claim of the queue, so a job's later claim has a higher one; calls that carry a lower one are refused as fenced. */
  readonly epoch: number;
  readonly owner: string;
  readonly leaseUntil: Millis;
}

/** Which of a tenant's classes are served. A tenant none of whose waiting jobs is served leaves the active set, and comes back lifted to V. */
export const SERVED = ['all', 'hi', 'none'] as const;
export type Served = (typeof SERVED)[number];

export type TenantRemoval =
  | { readonly kind: 'removed' }
  | { readonly kind: 'has_work'; readonly waiting: number; readonly running: number };

export interface TenantCount {
  readonly tenant: TenantId;
  readonly waiting: number;
  readonly running: number;
}

/**
 * Head-of-line start-time fair queue, durable, shared by any number of processes. Within a tenant hi goes before lo, and
 * each class in order of arrival. `claim` charges a small estimate, `charge` what was used so far, `settle` corrects to
 * the actual cost. Every cost is counted from the claim, so a job that runs twice pays for each of its runs once.
 */
export interface JobQueue {
  /** Makes the tenant known, or changes its weight at once, also for what already waits. */
  setWeight(tenant: TenantId, weight: Weight): Promise<void>;
  setServed(tenant: TenantId, served: Served): Promise<void>;
  /** Refused while the tenant has work here. An unknown tenant counts as removed. */
  removeTenant(tenant: TenantId): Promise<TenantRemoval>;
  /** Same id twice is the same as once. Throws TENANT_UNKNOWN. */
  enqueue(job: QueuedJob): Promise<void>;
  /** The head of the backlogged tenant with the least start tag, or undefined when nothing waits that is served. */
  claim(claim: { readonly owner: string; readonly leaseMs: number }): Promise<ClaimedJob | undefined>;
  /** False when the lease was lost. */
  renew(job: ClaimedJob, leaseMs: number): Promise<boolean>;
  /** Charges what was used so far beyond what is charged already. False when fenced. */
  charge(job: ClaimedJob, cost: SlotMs): Promise<boolean>;
  /** Ends the job and corrects its charge to `cost`. False, and nothing changed, when fenced or ended before. */
  settle(job: ClaimedJob, cost: SlotMs): Promise<boolean>;
  /** Gives the job back to its place in its tenant's line and corrects its charge to `cost`. False when fenced. */
  requeue(job: ClaimedJob, cost: SlotMs): Promise<boolean>;
  /** Takes out a job that waits. False when it does not. */
  remove(id: TaskId): Promise<boolean>;
  /** Puts jobs whose lease has passed back into their place, charged at least the time that they held their slot; gives their ids. */
  expire(): Promise<readonly TaskId[]>;
  /** Those of the ids that neither wait here nor run; at most 1000 at a time. */
  absent(ids: readonly TaskId[]): Promise<readonly TaskId[]>;
  /** Number of jobs that would be served before it, were nothing to change. Undefined when it does not wait or is not served. */
  position(id: TaskId): Promise<number | undefined>;
  /** Every known tenant, by id. */
  counts(): Promise<readonly TenantCount[]>;
}

/** `org`, `team:<id>`, `tenant:<id>`, `task:<id>`; from widest to narrowest. */
export type ScopeId = string;

export interface ScopeCap {
  readonly scope: ScopeId;
  /** Null: no cap of its own. */
  readonly capNano: NanoUsd | null;
  /** Last part of the cap, which only hi may use. */
  readonly keptForHiNano: NanoUsd;
  /** When it ends a new period begins with the same cap and nothing spent. Null: one period for ever. */
  readonly period: BudgetPeriod | null;
}

export interface ScopeBalance extends ScopeCap {
  readonly spentNano: NanoUsd;
  readonly heldNano: NanoUsd;
  /** Part of what was spent that no reservation covered: the sum of actuals beyond their bounds. Must be 0. */
  readonly breachedNano: NanoUsd;
  /** Null when the scope has one period for ever. */
  readonly periodEndsAt: Millis | null;
}

export type CapChange =
  | { readonly kind: 'set'; readonly balance: ScopeBalance }
  | { readonly kind: 'below_used'; readonly balance: ScopeBalance };

export type Reservation =
  | { readonly kind: 'held' }
  | { readonly kind: 'settled'; readonly actualNano: NanoUsd }
  | { readonly kind: 'over_cap'; readonly balance: ScopeBalance; readonly boundNano: NanoUsd };

export interface Settlement {
  /** False when this key was settled before: nothing changed. */
  readonly settled: boolean;
  readonly actualNano: NanoUsd;
  /** The actual was above the bound: recorded, and spent all the same. */
  readonly breach: boolean;
}

export interface OpenHold {
  readonly key: string;
  readonly boundNano: NanoUsd;
  readonly heldAt: Millis;
}

/**
 * Money. On every scope and at every moment spent + held <= cap + breached, and breached is 0 while every actual stays
 * within its bound. Each call runs inside the caller's transaction. A hold is never released by time alone: what
 * crashed is listed by `openHolds` and settled by the caller at its bound.
 */
export interface Ledger {
  /** Refused, with the balance, when less than what is spent and held in the period that it is for: a first cap begins one. */
  setCap(tx: Tx, cap: ScopeCap): Promise<CapChange>;
  /** Holds the upper bound on all scopes or on none. Idempotent by `key`. Throws SCOPE_UNKNOWN, and KEY_REUSED for another amount or other scopes. */
  reserve(
    tx: Tx,
    hold: {
      readonly key: string;
      readonly scopes: readonly ScopeId[];
      readonly boundNano: NanoUsd;
      readonly priority: Priority;
    },
  ): Promise<Reservation>;
  /** Turns the hold into what was spent, in the period in which it was reserved. Exactly once by key. Throws HOLD_UNKNOWN. */
  settle(tx: Tx, key: string, actualNano: NanoUsd): Promise<Settlement>;
  /** Lowers what a settled hold came to, once the true amount is known; never raises it. Throws HOLD_UNKNOWN. */
  correct(tx: Tx, key: string, actualNano: NanoUsd): Promise<void>;
  /** Of the current period; writes nothing. */
  balance(tx: Tx, scope: ScopeId): Promise<ScopeBalance | undefined>;
  /** Holds that no one has settled, oldest first. */
  openHolds(tx: Tx): Promise<readonly OpenHold[]>;
}
