/**
 * How a run thinks: a model, or rungs of an escalation ladder, cheapest first.
 * Recipes need no model: their plan is `{ id: 'none', rungs: [], propensity: 1 }`.
 */
export interface ModelPlan {
  readonly id: string;
  readonly rungs: readonly string[];
  /** Probability with which this plan was chosen among those allowed; in (0, 1]. */
  readonly propensity: number;
}

export const NO_MODEL: ModelPlan = { id: 'none', rungs: [], propensity: 1 };
