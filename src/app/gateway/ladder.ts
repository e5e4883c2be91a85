import type { Plans } from '#agents/index.ts';
import type { ModelTable, Target } from '#gateway/index.ts';
import { type ModelPlan, NO_MODEL } from '#domain/plan.ts';
import { modelNamed } from '#domain/task.ts';
import type { Tenant } from '#domain/tenant.ts';
import { AppError } from '../fault.ts';

/** Plans by the gateway file until something better chooses: its ladder, or its only model. */
export class LadderOfFile implements Plans {
  readonly #table: () => Promise<ModelTable>;

  constructor(table: () => Promise<ModelTable>) {
    this.#table = table;
  }

  /**
   * The rungs that the tenant may use, from the one that the task names; a rung that is forbidden is no reason to forbid
   * the run. A budget that allows a part of the cost allows that part of the ladder, from its cheapest rung: where it
   * takes away the model that was named, the dearest one that is left is used instead.
   */
  async choose({ tenant, task, budget }: Parameters<Plans['choose']>[0]): Promise<ModelPlan> {
    const table = await this.#table();
    const asked = modelNamed(task.work);
    const line = asked === undefined ? ladderFor(table, tenant) : ladderWith(table, tenant, asked);
    const kept = line.slice(0, Math.max(1, Math.ceil(line.length * budget.part)));
    const first = asked === undefined ? 0 : Math.min(line.indexOf(asked), kept.length - 1);
    const rungs = kept.slice(first);
    const plan = { ...NO_MODEL, id: rungs.length > 1 ? 'ladder' : 'single', rungs };
    const named = asked === undefined ? plan : { ...plan, asked };
    const without = line.slice(kept.length);
    if (without.length === 0) return named;
    const because = budget.because === undefined ? {} : { because: budget.because };
    return { ...named, shift: { plan: budget.plan, without, ...because } };
  }

  async place(model: string): Promise<Target> {
    return placeIn(await this.#table(), model);
  }
}

function ladderFor(table: ModelTable, tenant: Tenant): readonly string[] {
  const { ladder, models } = table.catalog;
  const names = ladder.length > 0 ? ladder : [...models.keys()].slice(0, 1);
  const rungs = names.filter((name) => mayUse(table, tenant, name));
  if (rungs.length > 0) return rungs;
  const message = `no model of the gateway file is allowed for tenant ${tenant.id} (tried: ${names.join(', ') || 'none'})`;
  throw new AppError('MODELS_ABSENT', message);
}

/** The ladder with the named model on it: where the file has it, else before the first rung that is dearer. */
function ladderWith(table: ModelTable, tenant: Tenant, asked: string): readonly string[] {
  const price = table.price(asked) ?? Number.POSITIVE_INFINITY;
  const ladder = table.catalog.ladder.filter((name) => name === asked || mayUse(table, tenant, name));
  if (ladder.includes(asked)) return ladder;
  const dearer = ladder.findIndex((name) => (table.price(name) ?? Number.POSITIVE_INFINITY) > price);
  return ladder.toSpliced(dearer === -1 ? ladder.length : dearer, 0, asked);
}

function mayUse(table: ModelTable, { policy }: Tenant, name: string): boolean {
  return policy.models === undefined || policy.models.includes(placeIn(table, name).model);
}

function placeIn(table: ModelTable, model: string): Target {
  const place = table.place(model);
  if (place === undefined) throw new AppError('MODELS_ABSENT', `the model ${model} is to be had nowhere`);
  return place;
}
