import { AUTO } from '#gateway/index.ts';
import { nearest } from '#kernel/nearest.ts';
import type { Reason } from '#domain/reason.ts';
import { modelNamed, type Task, type Work } from '#domain/task.ts';
import type { Tenant } from '#domain/tenant.ts';
import { modelSubject } from '../gateway/model-subject.ts';
import { agentOf } from '../governance/principals.ts';
import type { House } from '../house.ts';
import { decide, type Request } from '../perform.ts';

/** So many models are named to somebody who asked for one that cannot be had. */
const MOST_NAMED = 3;

/** `maestro/auto` is the ladder, as is saying nothing. */
export function withoutAuto(work: Work): Work {
  if (work.kind === 'recipe' || work.model !== AUTO) return work;
  const { kind, name, prompt } = work;
  return { kind, name, prompt };
}

/** What is wrong with the model that a task names, whoever asks for it: nothing of it is recorded. */
export async function modelProblems(house: House, tenant: Tenant, task: Task): Promise<readonly Reason[]> {
  const name = modelNamed(task.work);
  if (name === undefined) return [];
  const table = await house.modelTable();
  const isKnown = table.catalog.models.has(name);
  if (isKnown && table.price(name) !== undefined) return [];
  const problem = isKnown
    ? { code: 'PRICE_UNKNOWN', msg: `nobody says what the model ${name} costs` }
    : { code: 'MODEL_UNKNOWN', msg: `the gateway file has no model "${name}"` };
  return [{ ...problem, field: 'work.model', fix: await permittedLine(house, tenant, task) }];
}

/** Whether the agent of the task may ask the model that it names: what the gateway will ask about every call. */
export async function modelQuestions(house: House, tenant: Tenant, task: Task): Promise<readonly Request[]> {
  const name = modelNamed(task.work);
  return name === undefined ? [] : [await question(house, tenant, task, name)];
}

async function question(house: House, tenant: Tenant, task: Task, model: string): Promise<Request> {
  const resource = modelSubject(await house.plans.place(model), model);
  return { name: 'model.call', principal: agentOf(task), tenant, task: task.id, resource };
}

/** Refusals of a model, each with the models that would not be refused. */
export async function withPermitted(
  house: House,
  tenant: Tenant,
  task: Task,
  reasons: readonly Reason[],
): Promise<readonly Reason[]> {
  const permitted = await permittedLine(house, tenant, task);
  return reasons.map((reason) => ({ ...reason, fix: `${permitted}; or ${reason.fix}` }));
}

/** The nearest models that policy permits and that have a price, as the next step to take. */
async function permittedLine(house: House, tenant: Tenant, task: Task): Promise<string> {
  const table = await house.modelTable();
  const permitted: string[] = [];
  for (const name of table.catalog.models.keys()) {
    if (table.price(name) === undefined) continue;
    if ((await decide(house, await question(house, tenant, task, name))).allow) permitted.push(name);
  }
  if (permitted.length === 0)
    return `have a model permitted for tenant ${tenant.id}: it may use none of the gateway file`;
  const asked = modelNamed(task.work) ?? '';
  const price = table.catalog.models.has(asked) ? table.price(asked) : undefined;
  const near = price === undefined ? alike(asked, permitted) : permitted.toSorted((a, b) => away(a) - away(b));
  const more = near.length > MOST_NAMED ? ` (and ${near.length - MOST_NAMED} more)` : '';
  return `name a model that tenant ${tenant.id} may use, nearest first: ${near.slice(0, MOST_NAMED).join(', ')}${more}`;

  function away(name: string): number {
    return Math.abs(Math.log((table.price(name) ?? 0) + 1) - Math.log((price ?? 0) + 1));
  }
}

/** What was most likely meant comes first. */
function alike(asked: string, names: readonly string[]): readonly string[] {
  const meant = nearest(asked, names);
  return meant === undefined ? names : [meant, ...names.filter((name) => name !== meant)];
}
