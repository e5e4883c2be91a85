import { addTask, appendEvent, changeTask } from '#adapters/sql/index.ts';
import { digestOf } from '#kernel/digest.ts';
import { type NanoUsd, nanoUsd } from '#kernel/money.ts';
import type { Tx } from '#kernel/sql.ts';
import type { Principal } from '#domain/action.ts';
import type { TaskId } from '#domain/ids.ts';
import type { Repository } from '#domain/repository.ts';
import type { Reason } from '#domain/reason.ts';
import type { Priority, Task, Work } from '#domain/task.ts';
import type { Tenant } from '#domain/tenant.ts';
import { isLabel } from '#qos/index.ts';
import { admit } from './admit.ts';
import { AppError, workInvalid } from '../fault.ts';
import type { House } from '../house.ts';
import { performForEach, Refusal, type Request } from '../perform.ts';
import { modelProblems, namedQuestion, withoutAuto, withUsable } from './named-model.ts';
import { closeRefused } from '../steps/close.ts';

export interface Submission {
  readonly tenant: Tenant;
  readonly repo: Repository;
  readonly work: Work;
  readonly priority: Priority;
  /** Submitting twice with one key is the same as once. */
  readonly key?: string;
  /** Upper bound of what one run may cost; the price of the whole wall time when left out. */
  readonly maxNano?: NanoUsd;
  /** Labels that a worker must have to run it. */
  readonly needs?: readonly string[];
  readonly by: Principal;
}

/** Records a task and admits it: it is then queued, deferred or denied, with reasons. Throws WORK_INVALID before anything is recorded. */
export async function submit(house: House, submission: Submission): Promise<Task> {
  const { by, tenant } = submission;
  const proposed = proposal(house, submission);
  const { work } = proposed;
  const runner = house.runners.get(work.kind === 'recipe' ? 'recipe' : work.name);
  const noModel = work.kind === 'agent' ? house.models.problem() : undefined;
  const problems = [
    ...(runner === undefined ? [unknownAgent(house, work)] : runner.problems(work)),
    ...(runner === undefined || noModel === undefined ? [] : [noModel]),
    ...(noModel === undefined ? await modelProblems(house, tenant, proposed) : []),
    ...(submission.needs ?? []).filter((word) => !isLabel(word)).map(notALabel),
  ];
  if (problems.length > 0) throw workInvalid(problems);
  await house.disk.admit();
  const question = await namedQuestion(house, tenant, proposed);
  const request: Request = {
    name: 'task.submit',
    principal: by,
    tenant,
    task: proposed.id,
    resource: {
      kind: 'task',
      id: proposed.id,
      attributes: { ...question?.resource.attributes, repo: proposed.repo, [work.kind]: work.name },
      region: house.worker.region,
      dataClass: house.worker.dataClass,
    },
  };
  const task = await recorded(house, tenant, proposed, question === undefined ? [request] : [request, question]);
  if (task.state === 'queued') await house.enqueue(task);
  return task;
}

function proposal(house: House, submission: Submission): Task {
  const { tenant, repo, work, priority, key, maxNano, needs = [], by } = submission;
  const bound = work.kind === 'recipe' ? house.bounds.recipeNano : house.bounds.agentNano;
  // The cast is true: this is where task ids are made.
  const id = house.ids.next('task') as TaskId;
  return {
    id,
    tenant: tenant.id,
    repo: repo.id,
    work: withoutAuto(work),
    priority,
    key: key ?? id,
    submittedBy: by.id,
    state: 'proposed',
    reasons: [],
    submittedAt: house.clock.now(),
    boundNano: maxNano ?? bound,
    ...(needs.length === 0 ? {} : { needs: [...new Set(needs)].sort() }),
  };
}

/** One transaction: decisions, task, reservation, events; a refusal leaves its evidence in a second one. */
async function recorded(house: House, tenant: Tenant, proposed: Task, requests: readonly Request[]): Promise<Task> {
  try {
    return await performForEach(house, requests, async (tx) => {
      const { task, added } = await addTask(tx, proposed);
      if (!added) return sameRequest(task, proposed);
      await noteSubmitted(tx, house, task);
      await house.ledger.setCap(tx, {
        scope: `task:${task.id}`,
        capNano: null,
        keptForHiNano: nanoUsd(0),
        period: null,
      });
      const admitted = await admit(tx, house, task);
      if (admitted.state !== 'queued') await closeRefused(tx, house, admitted);
      return admitted;
    });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { action, reasons } = error;
    const told = action === 'model.call' ? await withUsable(house, tenant, proposed, reasons) : reasons;
    return refused(house, proposed, told);
  }
}

async function refused(house: House, proposed: Task, reasons: readonly Reason[]): Promise<Task> {
  return house.store.truth.tx(async (tx) => {
    const { task, added } = await addTask(tx, proposed);
    if (!added) return sameRequest(task, proposed);
    await noteSubmitted(tx, house, task);
    await changeTask(tx, { tenant: task.tenant, id: task.id, from: 'proposed', to: 'denied', reasons });
    await appendEvent(tx, house.clock.now(), {
      type: 'task.denied',
      tenant: task.tenant,
      task: task.id,
      by: task.submittedBy,
      data: { reasons },
    });
    const denied: Task = { ...task, state: 'denied', reasons };
    await closeRefused(tx, house, denied);
    return denied;
  });
}

async function noteSubmitted(tx: Tx, house: House, task: Task): Promise<void> {
  await appendEvent(tx, house.clock.now(), {
    type: 'task.submitted',
    tenant: task.tenant,
    task: task.id,
    by: task.submittedBy,
    data: { repo: task.repo, work: task.work, priority: task.priority, key: task.key, boundNano: task.boundNano },
  });
}

function sameRequest(earlier: Task, now: Task): Task {
  const request = ({ repo, work, needs = [] }: Task): string => digestOf({ repo, work, needs });
  if (request(earlier) === request(now)) return earlier;
  throw new AppError('TASK_KEY_REUSED', `key "${now.key}" was used for another request (${earlier.id})`, {
    details: { task: earlier.id },
  });
}

function unknownAgent(house: House, work: Work): Reason {
  const known = [...house.runners.keys()].filter((kind) => kind !== 'recipe');
  return {
    code: 'AGENT_UNKNOWN',
    msg: `no agent is called "${work.name}" (known: ${known.join(', ') || 'none'})`,
    field: 'work.name',
    fix: 'use a recipe, or connect the agent first',
  };
}

function notALabel(word: string): Reason {
  return {
    code: 'NEEDS_INVALID',
    msg: `"${word}" is not a label`,
    field: 'task.needs',
    fix: 'write name=value, such as gpu=true',
  };
}
