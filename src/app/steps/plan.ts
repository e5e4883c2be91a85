import { appendEvent } from '#adapters/sql/index.ts';
import { type ModelPlan, NO_MODEL } from '#domain/plan.ts';
import type { House } from '../house.ts';
import { admissionsOf } from '../tasks/admission.ts';
import type { Road } from '../road.ts';

/**
 * Chooses the model, or the ladder of models, that an agent's run thinks with: from the model that the task names, within
 * the plan that its budgets allowed; a recipe needs none. On record with its propensity.
 */
export async function choosePlan(road: Road): Promise<ModelPlan> {
  const { house, task, tenant, run } = road;
  if (task.work.kind === 'recipe') return NO_MODEL;
  const plan = await road.step(
    'plan',
    async () => {
      const { shift, ...plan } = await house.plans.choose({ tenant, task, budget: await allowed(road) });
      const shifted = shift && { shift: { ...shift, without: [...shift.without] } };
      return { ...plan, rungs: [...plan.rungs], ...shifted };
    },
    async (tx, chosen) => {
      const about = { tenant: task.tenant, task: task.id, run: run.record.id, by: house.system };
      await appendEvent(tx, house.clock.now(), { ...about, type: 'plan.chosen', data: { ...chosen } });
    },
  );
  road.facts.plan = plan;
  return plan;
}

/** A plan that is configured no more takes nothing away. */
async function allowed({ house, task }: Road): Promise<Parameters<House['plans']['choose']>[0]['budget']> {
  const { plan = 'none', because } = (await admissionsOf(house.store.truth, task)).at(-1) ?? {};
  const part = house.budgetPlans.find(({ id }) => id === plan)?.part ?? 1;
  return { plan, part, ...(because === undefined ? {} : { because }) };
}
