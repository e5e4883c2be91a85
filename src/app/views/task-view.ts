import { type NanoUsd, nanoUsd, toUsd } from '#kernel/money.ts';
import {
  findTask,
  listRuns,
  listSteps,
  type NewestFilter,
  newestTasks,
  readEvents,
  tenantOfTask,
} from '#adapters/sql/index.ts';
import type { Event } from '#domain/event.ts';
import type { TaskId } from '#domain/ids.ts';
import type { Reason } from '#domain/reason.ts';
import type { ModelPlan } from '#domain/plan.ts';
import { modelNamed, type Task } from '#domain/task.ts';
import { AppError } from '../fault.ts';
import type { House } from '../house.ts';
import { atRest } from '../main-job/main-job.ts';
import { type DecisionDocument, decisionsOfTask } from './decisions.ts';
import { taskStatus } from './status-view.ts';
import { Worker } from '../worker.ts';

const EVENTS = 10_000;
const LOOK_EVERY_MS = 200;

/** For people: the last submitted first, one page of them. */
export async function listTasksNewest(house: House, filter: NewestFilter): Promise<readonly Task[]> {
  return newestTasks(house.store.truth, filter);
}

export async function getTask(house: House, id: string): Promise<Task> {
  // The cast is true as a question: an id that no task has finds nothing.
  const taskId = id as TaskId;
  const tenant = await tenantOfTask(house.store.truth, taskId);
  const task = tenant && (await findTask(house.store.truth, tenant, taskId));
  if (task === undefined) throw new AppError('TASK_UNKNOWN', `there is no task "${id}"`, { details: { id } });
  return task;
}

/** What a program is told of a task. Money in dollars; grams are null while they are unknown. */
export type TaskDocument = {
  readonly task: string;
  readonly tenant: string;
  readonly repo: string;
  readonly key: string;
  readonly what: string;
  /** The model that it was submitted to start with; null when the ladder chooses, or none is needed. */
  readonly model: string | null;
  readonly state: Task['state'];
  readonly reasons: readonly Reason[];
  readonly change: string | null;
  /** The commit on the default branch. */
  readonly landed: string | null;
  /** The Decision Card's digest is in the evidence; its text is shown by `evidence show`. */
  readonly card: string | null;
  readonly evidence: string | null;
  readonly costUsd: number;
  readonly gramsCO2e: number | null;
};

export async function taskDocument(house: House, task: Task): Promise<TaskDocument> {
  const events = await eventsOf(house, task);
  const landed = events.findLast(({ type }) => type === 'change.landed')?.data.commit;
  const status = await taskStatus(house, task, events);
  const attempt = await house.store.truth.tx((tx) => house.evidence.lastAttempt(tx, task.id));
  const dossier = attempt === 0 ? null : `${task.id}/${attempt}`;
  return {
    task: task.id,
    tenant: task.tenant,
    repo: task.repo,
    key: task.key,
    what: status.what,
    model: modelNamed(task.work) ?? null,
    state: task.state,
    reasons: task.reasons,
    change: status.change,
    landed: typeof landed === 'string' ? landed : null,
    card: dossier === null ? null : `${dossier}/decision-card`,
    evidence: dossier,
    costUsd: status.costUsd,
    gramsCO2e: null,
  };
}

export type TaskDetails = TaskDocument & {
  readonly waitsFor: string;
  readonly submittedAt: number;
  readonly waitedMs: number;
  readonly ranMs: number;
  /** What its last run thinks with; null before the choice, and for a recipe. */
  readonly plan: ModelPlan | null;
  readonly runs: readonly {
    readonly run: string;
    readonly epoch: number;
    readonly state: string;
    readonly steps: readonly {
      readonly name: string;
      readonly state: string;
      readonly ms: number;
      readonly costUsd: number;
    }[];
  }[];
  /** What the system did with it by itself, in order. */
  readonly decisions: readonly DecisionDocument[];
};

/** Everything about one task: runs, steps with their times and costs, why it waits. */
export async function taskDetails(house: House, task: Task): Promise<TaskDetails> {
  const events = await eventsOf(house, task);
  const status = await taskStatus(house, task, events);
  const runs = [];
  for (const run of await listRuns(house.store.truth, task.tenant, task.id)) {
    const steps = await listSteps(house.store.truth, run.id);
    runs.push({
      run: run.id,
      epoch: run.epoch,
      state: run.state,
      steps: steps.map(({ name, state, startedAt, finishedAt }) => {
        const ms = (finishedAt ?? house.clock.now()) - startedAt;
        return { name, state, ms, costUsd: toUsd(costOf(house, ms)) };
      }),
    });
  }
  const { doing, waitedMs, ranMs } = status;
  const document = await taskDocument(house, task);
  const decisions = await decisionsOfTask(house, task);
  const plan = planIn(events);
  return { ...document, waitsFor: doing, submittedAt: task.submittedAt, waitedMs, ranMs, plan, runs, decisions };
}

/** The last choice of models that is on record. */
function planIn(events: readonly Event[]): ModelPlan | null {
  const chosen = events.findLast(({ type }) => type === 'plan.chosen');
  // The cast is true: the step `plan` writes the event so.
  return chosen === undefined ? null : (chosen.data as unknown as ModelPlan);
}

function costOf(house: House, ms: number): NanoUsd {
  return nanoUsd(Math.ceil((Math.max(0, ms) * house.slotNanoPerHour) / 3_600_000));
}

async function eventsOf(house: House, task: Task): Promise<readonly Event[]> {
  return readEvents(house.store.truth, task.tenant, { task: task.id, limit: EVENTS });
}

/** The task's events after the last one that the caller has seen. */
export async function newsOf(house: House, task: Task, after: number): Promise<readonly Event[]> {
  return readEvents(house.store.truth, task.tenant, { task: task.id, after, limit: EVENTS });
}

/** Follows a task to its end, doing the work itself beside any workers that there are. */
export async function waitForEnd(
  house: House,
  task: Task,
  options: {
    readonly signal: AbortSignal;
    readonly note?: (line: string) => void;
    readonly each?: () => Promise<void>;
  },
): Promise<Task> {
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const work = new Worker(house, 1).run(signal);
  let now = task;
  let told = '';
  try {
    while (!signal.aborted) {
      now = await getTask(house, task.id);
      await options.each?.();
      const { doing } = await taskStatus(house, now, []);
      const line = `${now.state} ${doing}`.trim();
      if (line !== told) options.note?.(line);
      told = line;
      if (atRest([now])) break;
      await house.clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
    }
  } finally {
    stop.abort();
    await work;
  }
  return now;
}
