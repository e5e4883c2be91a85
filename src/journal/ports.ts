import type { RunId, TaskId, TenantId } from '#domain/ids.ts';
import type { Json } from '#kernel/json.ts';
import type { Clock, Millis } from '#kernel/clock.ts';
import type { Log } from '#kernel/log.ts';
import type { Sql, Tx } from '#kernel/sql.ts';

/** Where a process can be made to die, for the crash matrix. In the product every call does nothing. */
export interface Faults {
  at(point: { readonly step: string; readonly phase: 'before' | 'during' | 'after' }): void;
}

/** One attempt after another at one task; `epoch` counts the workers that have had it. */
export interface RunRecord {
  readonly id: RunId;
  readonly tenant: TenantId;
  readonly task: TaskId;
  readonly epoch: number;
  readonly owner: string;
  readonly leaseUntil: Millis;
  readonly state: 'open' | 'closed';
  readonly startedAt: Millis;
  readonly finishedAt: Millis | null;
}

export interface StepRecord {
  readonly seq: number;
  readonly name: string;
  readonly state: 'started' | 'finished';
  /** Null until finished. */
  readonly result: Json;
  /** The start, moved on by the time in which no worker had the run: until the end it is what the step took. */
  readonly startedAt: Millis;
  readonly finishedAt: Millis | null;
}

/** A worker's hold on a run: true as long as the run is open and its epoch is this one. */
export interface Hold {
  readonly tenant: TenantId;
  readonly run: RunId;
  readonly epoch: number;
}

/** Something to be told to the outside after commit. (tenant, kind, key) is its natural key. */
export interface Message {
  readonly tenant: TenantId;
  readonly kind: string;
  readonly key: string;
  readonly payload: Json;
}

export interface DueMessage extends Message {
  /** How often it was tried before. */
  readonly attempts: number;
}

/** Rows of the journal. Every call runs inside the caller's transaction. */
export interface JournalStore {
  findOpenRun(tx: Tx, tenant: TenantId, task: TaskId): Promise<RunRecord | undefined>;
  addRun(tx: Tx, run: RunRecord): Promise<void>;
  /** Raises the epoch by one for a new owner. */
  takeOver(tx: Tx, run: RunId, lease: { readonly owner: string; readonly until: Millis }): Promise<void>;
  /** Renews the lease; false when the hold is lost. Writes the run's row, so that two holders cannot both pass. */
  renew(tx: Tx, hold: Hold, leaseUntil: Millis): Promise<boolean>;
  closeRun(tx: Tx, hold: Hold, at: Millis): Promise<void>;

  listSteps(tx: Tx, run: RunId): Promise<StepRecord[]>;
  startStep(
    tx: Tx,
    hold: Hold,
    step: { readonly seq: number; readonly name: string; readonly at: Millis },
  ): Promise<void>;
  /** A step that was begun and not finished counts from `at` on. */
  resumeStep(tx: Tx, hold: Hold, step: { readonly seq: number; readonly at: Millis }): Promise<void>;
  /** `result` is JSON text. */
  finishStep(
    tx: Tx,
    hold: Hold,
    step: { readonly seq: number; readonly result: string; readonly at: Millis },
  ): Promise<void>;

  /** Same key twice is the same as once. */
  putMessage(tx: Tx, message: Message, at: Millis): Promise<void>;
  /** Takes the message of these kinds that has been due longest and hides it from others until `until`; of no kinds, none. */
  takeMessage(
    tx: Tx,
    what: { readonly kinds: readonly string[]; readonly now: Millis; readonly until: Millis },
  ): Promise<DueMessage | undefined>;
  messageDelivered(tx: Tx, message: Message, at: Millis): Promise<void>;
  messageFailed(tx: Tx, message: Message, retry: { readonly at: Millis; readonly error: string }): Promise<void>;
}

/** What a journal works with. */
export interface JournalTools {
  readonly sql: Sql;
  readonly store: JournalStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly faults: Faults;
}
