import type { Plans } from '#agents/index.ts';
import type { Catalog, Target } from '#gateway/index.ts';
import { type ModelPlan, NO_MODEL } from '#domain/plan.ts';
import { AppError } from '../fault.ts';

/** Plans by the gateway file until something better chooses: its ladder, or its only model. */
export class LadderOfFile implements Plans {
  readonly #catalog: () => Promise<Catalog>;

  constructor(catalog: () => Promise<Catalog>) {
    this.#catalog = catalog;
  }

  /**
   * The rungs that the tenant may use; a rung that is forbidden is no reason to forbid the run. A budget that allows a
   * part of the cost allows that part of the ladder, from its cheapest rung.
   */
  async choose({ tenant, budget }: Parameters<Plans['choose']>[0]): Promise<ModelPlan> {
    const catalog = await this.#catalog();
    const { ladder, models } = catalog;
    const allowed = tenant.policy.models;
    const names = ladder.length > 0 ? ladder : [...models.keys()].slice(0, 1);
    const rungs = names.filter((name) => allowed === undefined || allowed.includes(placeIn(catalog, name).model));
    if (rungs.length === 0) {
      const message = `no model of the gateway file is allowed for tenant ${tenant.id} (tried: ${names.join(', ') || 'none'})`;
      throw new AppError('MODELS_ABSENT', message);
    }
    const kept = rungs.slice(0, Math.max(1, Math.ceil(rungs.length * budget.part)));
    const plan = { ...NO_MODEL, id: kept.length > 1 ? 'ladder' : 'single', rungs: kept };
    const without = rungs.slice(kept.length);
    return without.length === 0 ? plan : { ...plan, shift: { plan: budget.plan, without } };
  }

  async place(model: string): Promise<Target> {
    return placeIn(await this.#catalog(), model);
  }
}

function placeIn(catalog: Catalog, model: string): Target {
  const [first] = catalog.model(model).targets;
  if (first === undefined) throw new AppError('MODELS_ABSENT', `the model ${model} is to be had nowhere`);
  return first;
}
