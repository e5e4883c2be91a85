import { appendEvent } from '#adapters/sql/index.ts';
import { type ModelPlan, NO_MODEL } from '#domain/plan.ts';
import type { Road } from '../road.ts';

/** Chooses the model, or the ladder of models, that an agent's run thinks with; a recipe needs none. On record with its propensity. */
export async function choosePlan(road: Road): Promise<ModelPlan> {
  const { house, task, tenant, run } = road;
  if (task.work.kind === 'recipe') return NO_MODEL;
  const plan = await road.step(
    'plan',
    async () => {
      const { id, rungs, propensity } = await house.plans.choose({ tenant, task });
      return { id, rungs: [...rungs], propensity };
    },
    async (tx, chosen) => {
      const about = { tenant: task.tenant, task: task.id, run: run.record.id, by: house.system };
      await appendEvent(tx, house.clock.now(), { ...about, type: 'plan.chosen', data: { ...chosen } });
    },
  );
  road.facts.plan = plan;
  return plan;
}
