import type { Millis } from '#kernel/clock.ts';
import type { NanoUsd } from '#kernel/money.ts';
import type { Tx } from '#kernel/sql.ts';
import type { TaskId, TenantId } from '#domain/ids.ts';
import type { Priority } from '#domain/task.ts';

export interface QueuedJob {
  readonly id: TaskId;
  readonly tenant: TenantId;
  readonly priority: Priority;
  readonly readyAt: Millis;
}

export interface ClaimedJob extends QueuedJob {
  /** Rises with each claim of this job; writes that carry a lower one are refused as fenced. */
  readonly epoch: number;
  readonly owner: string;
  readonly leaseUntil: Millis;
}

/**
 * Head-of-line start-time fair queue, durable, shared by any number of processes.
 * Cost is in slot-milliseconds; `claim` charges a small estimate and `settle` corrects it to the actual cost.
 */
export interface JobQueue {
  /** Weight is positive and finite; acts at once, also on what already waits. */
  setWeight(tenant: TenantId, weight: number): Promise<void>;
  /** Same id twice is the same as once. */
  enqueue(job: QueuedJob): Promise<void>;
  /** The head of the backlogged tenant with the least virtual start time, or undefined when nothing waits. */
  claim(claim: { owner: string; leaseMs: number }): Promise<ClaimedJob | undefined>;
  /** False when the lease was lost. */
  renew(job: ClaimedJob, leaseMs: number): Promise<boolean>;
  /** Charges what was used so far beyond what is charged already. */
  charge(job: ClaimedJob, cost: number): Promise<void>;
  /** Ends the job and corrects its charge to `cost`. Twice is the same as once. False when fenced. */
  settle(job: ClaimedJob, cost: number): Promise<boolean>;
  /** Gives the job back to its place at the head of its tenant's line, charged `cost` so far. False when fenced. */
  requeue(job: ClaimedJob, cost: number): Promise<boolean>;
  remove(id: TaskId): Promise<boolean>;
  /** Makes jobs whose lease has passed claimable again; gives their ids. */
  expire(): Promise<readonly TaskId[]>;
  /** Where a job stands: jobs that would be served before it, were nothing to change. Undefined when it does not wait. */
  position(id: TaskId): Promise<number | undefined>;
  counts(): Promise<readonly { readonly tenant: TenantId; readonly waiting: number; readonly running: number }[]>;
}

/** `org`, `team:<id>`, `tenant:<id>`, `task:<id>`; from widest to narrowest. */
export type ScopeId = string;

export interface ScopeBalance {
  readonly scope: ScopeId;
  /** Null: no cap of its own. */
  readonly capNano: NanoUsd | null;
  readonly spentNano: NanoUsd;
  readonly heldNano: NanoUsd;
  readonly periodEndsAt: Millis;
}

export type Reservation =
  | { readonly kind: 'held' }
  | { readonly kind: 'over_cap'; readonly balance: ScopeBalance; readonly boundNano: NanoUsd };

/** Money. On every scope and at every moment spent + held <= cap. Each call runs inside the caller's transaction. */
export interface Ledger {
  setCap(tx: Tx, scope: ScopeId, capNano: NanoUsd | null, periodEndsAt: Millis): Promise<void>;
  /** Holds the upper bound on all scopes or on none. Idempotent by `key`. */
  reserve(tx: Tx, hold: { key: string; scopes: readonly ScopeId[]; boundNano: NanoUsd }): Promise<Reservation>;
  /** Turns the hold into what was spent. Exactly once by `key`; an actual above the bound is recorded as a breach and capped nowhere. */
  settle(tx: Tx, key: string, actualNano: NanoUsd): Promise<{ readonly settled: boolean; readonly breach: boolean }>;
  balance(tx: Tx, scope: ScopeId): Promise<ScopeBalance | undefined>;
  /** Holds that no one has settled, oldest first. */
  openHolds(tx: Tx): Promise<readonly { readonly key: string; readonly boundNano: NanoUsd }[]>;
}
