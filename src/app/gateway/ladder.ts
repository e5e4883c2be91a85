import type { Plans } from '#agents/index.ts';
import type { Catalog, Target } from '#gateway/index.ts';
import { type ModelPlan, NO_MODEL } from '#domain/plan.ts';
import { AppError } from '../fault.ts';

/** Plans by the gateway file until something better chooses: its ladder, or its only model. */
export class LadderOfFile implements Plans {
  readonly #catalog: () => Catalog;

  constructor(catalog: () => Catalog) {
    this.#catalog = catalog;
  }

  /** The rungs that the tenant may use; a rung that is forbidden is no reason to forbid the run. */
  choose({ tenant }: Parameters<Plans['choose']>[0]): Promise<ModelPlan> {
    const { ladder, models } = this.#catalog();
    const allowed = tenant.policy.models;
    const names = ladder.length > 0 ? ladder : [...models.keys()].slice(0, 1);
    const rungs = names.filter((name) => allowed === undefined || allowed.includes(this.place(name).model));
    if (rungs.length === 0) {
      const message = `no model of the gateway file is allowed for tenant ${tenant.id} (tried: ${names.join(', ') || 'none'})`;
      return Promise.reject(new AppError('MODELS_ABSENT', message));
    }
    return Promise.resolve({ ...NO_MODEL, id: rungs.length > 1 ? 'ladder' : 'single', rungs });
  }

  place(model: string): Target {
    const [first] = this.#catalog().model(model).targets;
    if (first === undefined) throw new AppError('MODELS_ABSENT', `the model ${model} is to be had nowhere`);
    return first;
  }
}
