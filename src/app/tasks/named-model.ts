import { AUTO } from '#gateway/index.ts';
import { nearest } from '#kernel/nearest.ts';
import type { Reason } from '#domain/reason.ts';
import { modelNamed, type Task, type Work } from '#domain/task.ts';
import type { Tenant } from '#domain/tenant.ts';
import { type Caller, modelQuestion, modelsFor } from '../gateway/models-for.ts';
import { agentOf } from '../governance/principals.ts';
import type { House } from '../house.ts';
import type { Request } from '../perform.ts';

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
  const usable = await usableLine(house, tenant, task);
  const problem = isKnown
    ? {
        code: 'PRICE_UNKNOWN',
        msg: `nobody says what the model ${name} costs`,
        fix: `${usable}; or give it a price in the price file (gateway.prices)`,
      }
    : { code: 'MODEL_UNKNOWN', msg: `the gateway file has no model "${name}"`, fix: usable };
  return [{ ...problem, field: 'work.model' }];
}

/** Whether the agent of the task may ask the model that it names; nothing where it names none. */
export async function namedQuestion(house: House, tenant: Tenant, task: Task): Promise<Request | undefined> {
  const name = modelNamed(task.work);
  return name === undefined ? undefined : modelQuestion(callerOf(tenant, task), await house.plans.place(name), name);
}

/** Refusals of a model, each with the models that would not be refused. */
export async function withUsable(
  house: House,
  tenant: Tenant,
  task: Task,
  reasons: readonly Reason[],
): Promise<readonly Reason[]> {
  const usable = await usableLine(house, tenant, task);
  return reasons.map((reason) => ({ ...reason, fix: `${usable}; or ${reason.fix}` }));
}

function callerOf(tenant: Tenant, task: Task): Caller {
  return { tenant, agent: agentOf(task), task: task.id };
}

/** The nearest models that policy permits and that have a price, as the next step to take. */
async function usableLine(house: House, tenant: Tenant, task: Task): Promise<string> {
  const rows = await modelsFor(house, callerOf(tenant, task));
  const usable = rows.filter((row) => row.usable).map(({ model }) => model);
  const list = `maestro gateway models --tenant ${tenant.id}`;
  if (usable.length === 0) return `see why tenant ${tenant.id} may use no model of the gateway file: ${list}`;
  const asked = modelNamed(task.work) ?? '';
  const table = await house.modelTable();
  const price = (name: string): number => Math.log((table.price(name) ?? 0) + 1);
  const isPriced = table.catalog.models.has(asked) && table.price(asked) !== undefined;
  const away = (name: string): number => Math.abs(price(name) - price(asked));
  const near = isPriced ? usable.toSorted((a, b) => away(a) - away(b)) : alike(asked, usable);
  const more = near.length > MOST_NAMED ? ` (all: ${list})` : '';
  return `name a model that tenant ${tenant.id} may use, nearest first: ${near.slice(0, MOST_NAMED).join(', ')}${more}`;
}

/** What was most likely meant comes first. */
function alike(asked: string, names: readonly string[]): readonly string[] {
  const meant = nearest(asked, names);
  return meant === undefined ? names : [meant, ...names.filter((name) => name !== meant)];
}
