import { toUsd } from '#kernel/money.ts';
import { countTasks, listRuns, listSteps, listTenants, newestTasks, readEventsOf } from '#adapters/sql/index.ts';
import type { Event, EventType } from '#domain/event.ts';
import type { ChangeId, TenantId } from '#domain/ids.ts';
import { ENDED, type Task, TASK_STATES, type TaskState } from '#domain/task.ts';
import type { Tenant } from '#domain/tenant.ts';
import { sharesOf, type ServedJob } from '#qos/index.ts';
import { workLine } from '../tasks/card.ts';
import type { House } from '../house.ts';
import { lastDecisions } from './decisions.ts';
import { inbox } from './inbox.ts';
import { landingPlace, placeLine } from './landing-place.ts';
import { whyItWaits } from '../qos/why-it-waits.ts';
import type { Status, TaskStatus, TenantStatus } from './status.ts';

// A page that lists thousands is read by nobody, and is asked for every few seconds.
const SHOWN_ENDED = 200;
const SHOWN_GOING = 500;
const POSITIONS_SHOWN = 50;
const SHOWN_DECISIONS = 5;

const GOING: readonly TaskState[] = TASK_STATES.filter((state) => !ENDED.includes(state));

/** Steps in which a landing waits for others. */
const WAITS_IN_LINE = /^land\.(basis|turn)\./;

/** The events that a task's line is made from: its times, its cost, its change. */
const TELLING: readonly EventType[] = [
  'task.admitted',
  'task.started',
  'task.preempted',
  'task.restarted',
  'task.ended',
  'change.opened',
  'usage.charged',
];

/** The picture of all tenants, or of those named, from tasks, events and ledger; what the status page and the live table show. */
export async function statusOf(house: House, of?: readonly TenantId[]): Promise<Status> {
  const sees = (tenant: TenantId): boolean => of?.includes(tenant) ?? true;
  const tenants = (await listTenants(house.store.truth)).filter(({ id }) => sees(id));
  const shown = await shownTasks(house, of);
  const tasks: TaskStatus[] = [];
  const served: ServedJob[] = [];
  const positions = new Set(shown.filter(({ state }) => state === 'queued').slice(0, POSITIONS_SHOWN));
  for (const tenant of tenants) {
    const own = shown.filter((task) => task.tenant === tenant.id);
    const of = { tasks: own.map(({ id }) => id), types: TELLING };
    const events = Map.groupBy(await readEventsOf(house.store.truth, tenant.id, of), ({ task }) => task);
    for (const task of own) {
      const about = events.get(task.id) ?? [];
      tasks.push(await taskStatus(house, task, about, positions.has(task)));
      served.push(...servedJobs(house, task, about));
    }
  }
  return {
    at: house.clock.now(),
    engines: of === undefined ? house.engines : {}, // where things lie is the platform's business
    tenants: await tenantStatuses(house, tenants, served),
    tasks,
    notShown: (await count(house, of)) - tasks.length,
    inbox: (await inbox(house)).filter(({ tenant }) => sees(tenant)),
    decisions: await lastDecisions(house, { limit: SHOWN_DECISIONS, ...(of === undefined ? {} : { of }) }),
  };
}

/** Everything that has not ended, and the last that have, oldest first. */
async function shownTasks(house: House, of?: readonly TenantId[]): Promise<readonly Task[]> {
  const going = await newest(house, { states: GOING, limit: SHOWN_GOING }, of);
  const ended = await newest(house, { states: ENDED, limit: SHOWN_ENDED }, of);
  return [...going, ...ended].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** The newest tasks of all tenants, or of those named. */
async function newest(
  { store }: House,
  wanted: { readonly states: readonly TaskState[]; readonly limit: number },
  of?: readonly TenantId[],
): Promise<readonly Task[]> {
  if (of === undefined) return newestTasks(store.truth, wanted);
  const lists = await Promise.all(of.map((tenant) => newestTasks(store.truth, { ...wanted, tenant })));
  return lists
    .flat()
    .sort((a, b) => (a.id < b.id ? 1 : -1))
    .slice(0, wanted.limit);
}

/** How many tasks there are in all tenants, or in those named. */
async function count({ store }: House, of?: readonly TenantId[]): Promise<number> {
  if (of === undefined) return countTasks(store.truth);
  const counts = await Promise.all(of.map((tenant) => countTasks(store.truth, tenant)));
  return counts.reduce((sum, each) => sum + each, 0);
}

/** One task as people see it; its place in the queue only when it is asked for. */
export async function taskStatus(
  house: House,
  task: Task,
  events: readonly Event[],
  withPosition = true,
): Promise<TaskStatus> {
  const jobs = servedJobs(house, task, events);
  const now = house.clock.now();
  const change = events.findLast(({ type }) => type === 'change.opened')?.data.change;
  const charged = events.filter(({ type, data }) => type === 'usage.charged' && data.step === undefined);
  const cost = charged.reduce((sum, { data }) => sum + Number(data.costNano), 0);
  const started = jobs.at(0)?.startedAt ?? (ENDED.includes(task.state) ? task.submittedAt : now);
  return {
    task: task.id,
    key: task.key,
    tenant: task.tenant,
    repo: task.repo,
    what: workLine(task.work),
    state: task.state,
    doing: await doing(house, task, typeof change === 'string' ? change : undefined, withPosition),
    waitedMs: started - task.submittedAt,
    ranMs: jobs.reduce((sum, job) => sum + (job.endedAt - job.startedAt), 0),
    costUsd: cost / 1e9,
    change: typeof change === 'string' ? change : null,
    reasons: task.reasons,
  };
}

async function doing(house: House, task: Task, change: string | undefined, withPosition: boolean): Promise<string> {
  if (task.state === 'running') {
    const run = (await listRuns(house.store.truth, task.tenant, task.id)).at(-1);
    const step = run === undefined ? undefined : (await listSteps(house.store.truth, run.id)).at(-1);
    if (change !== undefined && step?.state === 'started' && WAITS_IN_LINE.test(step.name)) {
      const { tenant, repo } = task;
      // The cast is true: the event that told it was written when the change was opened.
      const place = await landingPlace(house, { tenant, repo, id: change as ChangeId });
      if (place !== null && place.ahead !== null) return placeLine(place);
    }
    return step?.name ?? 'starts';
  }
  if (task.state === 'queued' && !withPosition) return 'waits';
  if (task.state === 'queued' || task.state === 'deferred') return whyItWaits(house, task);
  if (task.state === 'needs_human') return 'waits for a person';
  return '';
}

/** When a task could run, ran and stopped, once for each time that a worker had it. */
function servedJobs(house: House, task: Task, events: readonly Event[]): readonly ServedJob[] {
  const jobs: ServedJob[] = [];
  let readyAt: number = task.submittedAt;
  let startedAt: number | undefined;
  const stop = (endedAt: number): void => {
    if (startedAt !== undefined) jobs.push({ tenant: task.tenant, readyAt, startedAt, endedAt });
    startedAt = undefined;
    readyAt = endedAt;
  };
  for (const { type, at } of events) {
    if (type === 'task.admitted') readyAt = at;
    if (type === 'task.started') {
      stop(at);
      startedAt = at;
    }
    if (type === 'task.ended' || type === 'task.preempted' || type === 'task.restarted') stop(at);
  }
  stop(house.clock.now());
  return jobs;
}

async function tenantStatuses(
  house: House,
  tenants: readonly Tenant[],
  served: readonly ServedJob[],
): Promise<readonly TenantStatus[]> {
  const active = tenants.filter(({ id }) => served.some(({ tenant }) => tenant === id));
  const shares = sharesOf(
    active.map(({ id, weight }) => ({ tenant: id, weight })),
    served,
  );
  const counts = await house.queue.counts();
  return house.store.truth.tx(async (tx) => {
    const rows: TenantStatus[] = [];
    for (const tenant of tenants) {
      const balance = await house.ledger.balance(tx, `tenant:${tenant.id}`);
      const share = shares.find((other) => other.tenant === tenant.id);
      const count = counts.find((other) => other.tenant === tenant.id);
      rows.push({
        tenant: tenant.id,
        weight: tenant.weight,
        capUsd: toUsd(tenant.budgetNano),
        spentUsd: balance === undefined ? 0 : toUsd(balance.spentNano),
        heldUsd: balance === undefined ? 0 : toUsd(balance.heldNano),
        waiting: count?.waiting ?? 0,
        running: count?.running ?? 0,
        shareGot: share?.got ?? null,
        shareDue: share?.due ?? 0,
      });
    }
    return rows;
  });
}
