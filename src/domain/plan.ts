import type { Reason } from './reason.ts';

/**
 * How a run thinks: a model, or rungs of an escalation ladder, cheapest first.
 * Recipes need no model: their plan is `{ id: 'none', rungs: [], propensity: 1 }`.
 */
export type ModelPlan = {
  readonly id: string;
  readonly rungs: readonly string[];
  /** Probability with which this plan was chosen among those allowed; in (0, 1]. */
  readonly propensity: number;
  /** The model that a person named to start with; the first rung is another one where the budget took it away. */
  readonly asked?: string;
  /** The plan of `budget.plans` that the money allowed, the models that it takes away, and why; absent when it takes none. */
  readonly shift?: { readonly plan: string; readonly without: readonly string[]; readonly because?: string };
};

/** Where an attempt stands on its plan. */
export interface Rung {
  /** From 0, the cheapest. */
  readonly index: number;
  /** Empty for work that needs no model. */
  readonly model: string;
  /** Why the rung below did not do; absent on the first one. */
  readonly because?: Reason;
  /** Last part of what the tests printed on the change that did not do; for the next model, not for the record. */
  readonly testsSaid?: string;
}

export const NO_MODEL: ModelPlan = { id: 'none', rungs: [], propensity: 1 };
