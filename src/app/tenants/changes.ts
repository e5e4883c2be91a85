import { appendEvent, changeTask, findTask, findTenant } from '#adapters/sql/index.ts';
import type { Json } from '#kernel/json.ts';
import type { Tx } from '#kernel/sql.ts';
import type { ActionName, Principal } from '#domain/action.ts';
import type { Change } from '#domain/change.ts';
import type { EventType } from '#domain/event.ts';
import type { ChangeId } from '#domain/ids.ts';
import type { Task } from '#domain/task.ts';
import { admit } from '../tasks/admit.ts';
import { noteAutonomy } from '../governance/autonomy.ts';
import { AppError } from '../fault.ts';
import type { House } from '../house.ts';
import { perform, permit, type Request } from '../perform.ts';

export async function getChange(house: House, id: string): Promise<Change> {
  // The cast is true as a question: an id that no change has finds nothing.
  const change = await house.forge.find(id as ChangeId);
  if (change === undefined) throw new AppError('CHANGE_UNKNOWN', `there is no change "${id}"`, { details: { id } });
  return change;
}

/** A person says yes: the task goes back to the queue and lands by a run of its own, tested anew. */
export async function approve(house: House, change: Change, by: Principal): Promise<Task> {
  requireAsked(change);
  return acted(house, change, by, { action: 'change.approve', event: 'change.approved' }, async (tx, task) => {
    await house.forge.setState(tx, change.id, 'approved');
    return admit(tx, house, task);
  });
}

/** A person says no: the change is closed and its task ends as failed, with who said so. */
export async function reject(house: House, change: Change, by: Principal, why: string): Promise<Task> {
  requireAsked(change);
  return acted(house, change, by, { action: 'change.reject', event: 'change.rejected', why }, async (tx, task) => {
    await house.forge.setState(tx, change.id, 'rejected');
    const reason = {
      code: 'CHANGE_REJECTED',
      msg: `${by.id} rejected the change${why === '' ? '' : `: ${why}`}`,
      field: 'change',
      fix: 'submit a new task that heeds the reason',
    };
    await changeTask(tx, { tenant: task.tenant, id: task.id, from: 'needs_human', to: 'failed', reasons: [reason] });
    await noteAutonomy(tx, house, task, by.id);
    return { ...task, state: 'failed', reasons: [reason] };
  });
}

/** Adds a person's comment. */
export async function comment(house: House, change: Change, by: Principal, body: string): Promise<void> {
  const { request } = await askAbout(house, change, by, 'change.comment');
  await permit(house, request, async () => {
    const at = house.clock.now();
    await house.forge.comment(change.id, { marker: house.ids.next('comment'), author: by.id, body, at });
    const about = { tenant: change.tenant, task: change.task, by: by.id };
    await house.store.truth.tx((tx) =>
      appendEvent(tx, at, { ...about, type: 'change.commented', data: { change: change.id } }),
    );
  });
}

function requireAsked(change: Change): void {
  if (change.state === 'needs_human') return;
  throw new AppError(
    'CHANGE_STATE',
    `change ${change.id} is ${change.state}; only one that waits for a person is decided`,
    { details: { change: change.id } },
  );
}

function requireWaits(task: Task, change: Change): void {
  if (task.state === 'needs_human') return;
  throw new AppError('CHANGE_STATE', `its task ${task.id} is ${task.state}`, { details: { change: change.id } });
}

async function askAbout(
  house: House,
  change: Change,
  by: Principal,
  name: ActionName,
): Promise<{ readonly task: Task; readonly request: Request }> {
  const { truth } = house.store;
  const tenant = await findTenant(truth, change.tenant);
  const task = await findTask(truth, change.tenant, change.task);
  if (tenant === undefined || task === undefined) throw new Error(`change ${change.id} has lost its task or tenant`);
  const resource = { kind: 'change', id: change.id, attributes: { author: change.author } };
  return { task, request: { name, principal: by, tenant, task: task.id, resource } };
}

async function acted(
  house: House,
  change: Change,
  by: Principal,
  what: { readonly action: ActionName; readonly event: EventType; readonly why?: string },
  effect: (tx: Tx, task: Task) => Promise<Task>,
): Promise<Task> {
  const { task, request } = await askAbout(house, change, by, what.action);
  requireWaits(task, change);
  const after = await perform(house, request, async (tx) => {
    // Others may have decided while policy was asked.
    requireWaits((await findTask(tx, task.tenant, task.id)) ?? task, change);
    const result = await effect(tx, task);
    const data: { [name: string]: Json } = { change: change.id, ...(what.why === undefined ? {} : { why: what.why }) };
    const about = { tenant: task.tenant, task: task.id, by: by.id };
    await appendEvent(tx, house.clock.now(), { ...about, type: what.event, data });
    return result;
  });
  if (after.state === 'queued') await house.enqueue(after);
  return after;
}
