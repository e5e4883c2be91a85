import type { NanoUsd } from '#kernel/money.ts';
import type { TaskId, TenantId } from './ids.ts';
import type { Reason } from './reason.ts';

/**
 * Why the conductor did what it did, for a person: written by the conductor from its own events.
 * Refusals say rule, numbers and the smallest safe next step; the text comes from `reasons`.
 */
export type DecisionCard = {
  readonly task: TaskId;
  readonly tenant: TenantId;
  readonly title: string;
  /** What was decided, in the words of the task's end or of the automatic action. */
  readonly decision: string;
  readonly reasons: readonly Reason[];
  readonly facts: readonly CardFact[];
  readonly costNano: NanoUsd;
  /** Null: unknown. */
  readonly gramsCo2e: number | null;
  readonly warnings: readonly string[];
  readonly nextStep: string;
};

export type CardFact = {
  readonly name: string;
  readonly value: string;
};

/** What the system did by itself to a tenant's work, without a run: a downshift, a deferral, a preemption, a throttle. */
export type AutomaticCard = {
  readonly title: string;
  readonly decision: string;
  /** The rule that was applied, as a name. */
  readonly rule: string;
  readonly reasons: readonly Reason[];
  readonly facts: readonly CardFact[];
  readonly nextStep: string;
};
