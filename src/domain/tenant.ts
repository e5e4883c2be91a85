import type { Millis } from '#kernel/clock.ts';
import type { NanoUsd } from '#kernel/money.ts';
import type { TenantId } from './ids.ts';

/** From least to most sensitive. */
export const DATA_CLASSES = ['public', 'internal', 'confidential', 'restricted'] as const;
export type DataClass = (typeof DATA_CLASSES)[number];

export const BUDGET_PERIODS = ['day', 'week', 'month'] as const;
export type BudgetPeriod = (typeof BUDGET_PERIODS)[number];

/** A team and what it was promised. Settings that policy reads are data here, so that most changes need no new rules. */
export interface Tenant {
  readonly id: TenantId;
  /** Small positive integer, unique for ever: the sandbox user and other numbers are derived from it. */
  readonly ordinal: number;
  /** Share of the fleet relative to the other backlogged tenants; positive and finite. */
  readonly weight: number;
  readonly budgetNano: NanoUsd;
  readonly budgetPeriod: BudgetPeriod;
  /** Part of valid tasks that must start within `startWithinMs`, over seven days; in (0, 1). */
  readonly slo: number;
  readonly startWithinMs: Millis;
  readonly regions: readonly string[];
  readonly dataClass: DataClass;
  readonly policy: TenantPolicy;
}

/** What work may do by itself. */
export const AUTONOMY_LEVELS = ['observe', 'propose', 'auto'] as const;
export type Autonomy = (typeof AUTONOMY_LEVELS)[number];

/** What policy decides by for one tenant. An absent list allows everything the platform allows; an empty list allows nothing. */
export interface TenantPolicy {
  readonly recipes?: readonly string[];
  readonly agents?: readonly string[];
  readonly models?: readonly string[];
  readonly plugins?: readonly string[];
  readonly licences?: readonly string[];
  /** Globs that no task may touch. */
  readonly deniedPaths?: readonly string[];
  /** Globs whose change needs a person, beside the built-in ones. */
  readonly protectedPaths?: readonly string[];
  /** `auto` lands what passes every gate, `propose` leaves each change to a person, `observe` makes no change. */
  readonly autonomy?: Autonomy;
  /** Lower levels for some: `repo:shop`, `recipe:codemod` or `agent:native`, each with its level; the lowest that fits counts. */
  readonly autonomyFor?: { readonly [subject: string]: Autonomy };
}
