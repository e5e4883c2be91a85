import { toUsd } from '#kernel/money.ts';
import { listRuns, listSteps, listTasks, listTenants, readEvents } from '#adapters/sql/index.ts';
import type { Event } from '#domain/event.ts';
import { ENDED, type Task } from '#domain/task.ts';
import type { Tenant } from '#domain/tenant.ts';
import { sharesOf, type ServedJob } from '#qos/index.ts';
import { workLine } from './card.ts';
import type { House } from './house.ts';
import { inbox } from './inbox.ts';
import type { Status, TaskStatus, TenantStatus } from './status.ts';

const PAGE = 1000;
const EVENTS_OF_TASK = 10_000;

/** The whole picture of the tenants that one may see, from tasks, events and ledger; what the status page and the live table show. */
export async function statusOf(house: House, sees: (tenant: string) => boolean = () => true): Promise<Status> {
  const tenants = (await listTenants(house.store.truth)).filter(({ id }) => sees(id));
  const tasks: TaskStatus[] = [];
  const served: ServedJob[] = [];
  for (const tenant of tenants) {
    for (const task of await listTasks(house.store.truth, { tenant: tenant.id, limit: PAGE })) {
      const events = await readEvents(house.store.truth, tenant.id, { task: task.id, limit: EVENTS_OF_TASK });
      tasks.push(await taskStatus(house, task, events));
      served.push(...servedJobs(house, task, events));
    }
  }
  return {
    at: house.clock.now(),
    engines: house.engines,
    tenants: await tenantStatuses(house, tenants, served),
    tasks,
    inbox: (await inbox(house)).filter(({ tenant }) => sees(tenant)),
  };
}

/** One task as people see it. */
export async function taskStatus(house: House, task: Task, events: readonly Event[]): Promise<TaskStatus> {
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
    doing: await doing(house, task),
    waitedMs: started - task.submittedAt,
    ranMs: jobs.reduce((sum, job) => sum + (job.endedAt - job.startedAt), 0),
    costUsd: cost / 1e9,
    change: typeof change === 'string' ? change : null,
    reasons: task.reasons,
  };
}

async function doing(house: House, task: Task): Promise<string> {
  if (task.state === 'running') {
    const run = (await listRuns(house.store.truth, task.tenant, task.id)).at(-1);
    const step = run === undefined ? undefined : (await listSteps(house.store.truth, run.id)).at(-1);
    return step?.name ?? 'starts';
  }
  if (task.state === 'queued') {
    const before = await house.queue.position(task.id);
    return before === undefined ? 'waits' : `waits, ${before} before it`;
  }
  if (task.state === 'deferred') return 'waits for money';
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
