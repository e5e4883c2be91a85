import {
  findDecision,
  findTask,
  listTasks,
  pageDecisions,
  type RecordedDecision,
  readEvents,
} from '#adapters/sql/index.ts';
import { millis } from '#kernel/clock.ts';
import type { Change, ChangeState } from '#domain/change.ts';
import type { Event, EventType } from '#domain/event.ts';
import type { ChangeId, DecisionId, TaskId } from '#domain/ids.ts';
import type { Task, TaskState } from '#domain/task.ts';
import type { Tenant } from '#domain/tenant.ts';
import { AppError } from '../fault.ts';
import type { House } from '../house.ts';

/** One page of a list; `next` asks for the one behind it, null when there is none. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

function pageOf<T>(items: readonly T[], limit: number, cursorOf: (item: T) => string): Page<T> {
  const last = items.length < limit ? undefined : items.at(-1);
  return { items, next: last === undefined ? null : cursorOf(last) };
}

/** A task of this tenant; one of another tenant is as unknown as one that is not there. */
export async function taskIn(house: House, tenant: Tenant, id: string): Promise<Task> {
  // The cast is true as a question: an id that no task has finds nothing.
  const task = await findTask(house.store.truth, tenant.id, id as TaskId);
  if (task === undefined) throw new AppError('TASK_UNKNOWN', `there is no task "${id}"`, { details: { id } });
  return task;
}

/** A change of this tenant; one of another tenant is as unknown as one that is not there. */
export async function changeIn(house: House, tenant: Tenant, id: string): Promise<Change> {
  // The cast is true as a question: an id that no change has finds nothing.
  const change = await house.forge.find(id as ChangeId);
  if (change?.tenant === tenant.id) return change;
  throw new AppError('CHANGE_UNKNOWN', `there is no change "${id}"`, { details: { id } });
}

/** A decision of this tenant. */
export async function decisionIn(house: House, tenant: Tenant, id: string): Promise<RecordedDecision> {
  // The cast is true as a question: an id that no decision has finds nothing.
  const decision = await findDecision(house.store.truth, tenant.id, id as DecisionId);
  if (decision !== undefined) return decision;
  throw new AppError('DECISION_UNKNOWN', `there is no decision "${id}"`, { details: { id } });
}

/** Tasks in the order in which they were submitted. */
export async function tasksPage(
  house: House,
  tenant: Tenant,
  { limit, cursor, state }: PageRequest & { readonly state?: TaskState | undefined },
): Promise<Page<Task>> {
  const tasks = await listTasks(house.store.truth, {
    tenant: tenant.id,
    limit,
    ...(state === undefined ? {} : { state }),
    // The cast is true as a question: what no task has as its id begins nowhere.
    ...(cursor === undefined ? {} : { after: cursor as TaskId }),
  });
  return pageOf(tasks, limit, ({ id }) => id);
}

/** Changes, newest first. */
export async function changesPage(
  house: House,
  tenant: Tenant,
  { limit, cursor, state }: PageRequest & { readonly state?: ChangeState | undefined },
): Promise<Page<Change>> {
  const all = await house.forge.list({ tenant: tenant.id, ...(state === undefined ? {} : { states: [state] }) });
  const from = cursor === undefined ? 0 : all.findIndex(({ id }) => id === cursor) + 1;
  return pageOf(all.slice(from, from + limit), limit, ({ id }) => id);
}

/** Decisions, oldest first. */
export async function decisionsPage(
  house: House,
  tenant: Tenant,
  { limit, cursor }: PageRequest,
): Promise<Page<RecordedDecision>> {
  const after = cursor === undefined ? undefined : await decisionIn(house, tenant, cursor);
  const page = { from: millis(0), limit, ...(after === undefined ? {} : { after }) };
  return pageOf(await pageDecisions(house.store.truth, tenant.id, page), limit, ({ id }) => id);
}

/** Which events are wanted: those after a number, of one type or task. */
export interface EventRequest {
  readonly after?: number | undefined;
  readonly type?: EventType | undefined;
  readonly task?: string | undefined;
}

/** Events in the order of their numbers. */
export async function eventsAfter(
  house: House,
  tenant: Tenant,
  { after, type, task, limit }: EventRequest & { readonly limit: number },
): Promise<readonly Event[]> {
  return readEvents(house.store.truth, tenant.id, {
    limit,
    ...(after === undefined ? {} : { after }),
    ...(type === undefined ? {} : { type }),
    // The cast is true as a question: an id that no task has finds nothing.
    ...(task === undefined ? {} : { task: task as TaskId }),
  });
}

const LOOK_EVERY_MS = 250;
const BATCH = 500;

/** Events as they come, from the given number on, until aborted. A batch may be empty: then nothing came for `idleMs`. */
export async function* followEvents(
  house: House,
  tenant: Tenant,
  asked: EventRequest & { readonly idleMs: number },
  signal: AbortSignal,
): AsyncGenerator<readonly Event[]> {
  let after = asked.after ?? 0;
  let quiet = 0;
  while (!signal.aborted) {
    const batch = await eventsAfter(house, tenant, { ...asked, after, limit: BATCH });
    if (batch.length > 0 || quiet >= asked.idleMs) {
      yield batch;
      quiet = 0;
    }
    after = batch.at(-1)?.seq ?? after;
    if (batch.length === BATCH) continue;
    await house.clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
    quiet += LOOK_EVERY_MS;
  }
}
