import type { Clock } from '#kernel/clock.ts';
import { usd } from '#kernel/money.ts';
import { listRepositories, listTenants } from '#adapters/sql/index.ts';
import type { Principal } from '#domain/action.ts';
import type { Repository } from '#domain/repository.ts';
import { ENDED, type Task, type TaskState, type Work } from '#domain/task.ts';
import type { Tenant } from '#domain/tenant.ts';
import type { House } from '../house.ts';
import { addRepo } from '../tenants/repositories.ts';
import { submit } from '../tasks/submit.ts';
import { createTenant, tenantDefaults } from '../tenants/tenants.ts';

/** The example tenants, tasks and their expected ends, as read from `examples/`. */
export interface Examples {
  readonly tenants: readonly ExampleTenant[];
  readonly tasks: readonly ExampleTask[];
  readonly expected: { readonly [key: string]: { readonly state: TaskState; readonly reason?: string | undefined } };
  /** Makes a git repository of an example folder and gives its path; the same each time. */
  repository(name: string): Promise<string>;
}

interface ExampleTenant {
  readonly id: string;
  readonly weight: number;
  readonly budgetUsd: number;
  readonly repo: string;
  readonly policy?: Tenant['policy'] | undefined;
}

export interface ExampleTask {
  readonly key: string;
  readonly tenant: string;
  readonly recipe: string;
  readonly params: { readonly [name: string]: string };
  readonly maxUsd?: number | undefined;
}

/** Tenants, repositories and tasks of the main job, submitted; whatever is there already is left as it is. */
export async function prepareMainJob(house: House, examples: Examples, by: Principal): Promise<void> {
  const known = await listTenants(house.store.truth);
  const repos = new Map<string, { tenant: Tenant; repo: Repository }>();
  for (const example of examples.tenants) {
    const tenant = known.find(({ id }) => id === example.id) ?? (await exampleTenant(house, example, by));
    repos.set(example.id, { tenant, repo: await exampleRepo(house, examples, example, tenant, by) });
  }
  for (const task of examples.tasks) {
    const place = repos.get(task.tenant);
    if (place === undefined) throw new Error(`example task ${task.key} names the unknown tenant ${task.tenant}`);
    const work: Work = { kind: 'recipe', name: task.recipe, params: task.params };
    const maxNano = task.maxUsd === undefined ? {} : { maxNano: usd(task.maxUsd) };
    await submit(house, { ...place, work, priority: 'lo', key: task.key, by, ...maxNano });
  }
}

async function exampleTenant(house: House, example: ExampleTenant, by: Principal): Promise<Tenant> {
  const { id, weight, budgetUsd, policy = {} } = example;
  return createTenant(house, { ...tenantDefaults(house, id), weight, budgetNano: usd(budgetUsd), policy }, by);
}

async function exampleRepo(
  house: House,
  examples: Examples,
  example: ExampleTenant,
  tenant: Tenant,
  by: Principal,
): Promise<Repository> {
  const known = await listRepositories(house.store.truth, tenant.id);
  const there = known.find(({ name }) => name === example.repo);
  if (there !== undefined) return there;
  const origin = await examples.repository(example.repo);
  return (await addRepo(house, { tenant, origin, name: example.repo, by })).repo;
}

/** True when nothing moves any more: every task has ended, or waits for money or a person. */
export function atRest(tasks: readonly Pick<Task, 'state'>[]): boolean {
  return tasks.every(({ state }) => ENDED.includes(state) || state === 'deferred');
}

/** Resolves when `tasks` says that all is at rest, or when the signal aborts. */
export async function untilAtRest(
  clock: Clock,
  tasks: () => Promise<readonly Pick<Task, 'state'>[]>,
  signal: AbortSignal,
  everyMs = 200,
): Promise<boolean> {
  while (!signal.aborted) {
    if (atRest(await tasks())) return true;
    await clock.sleep(everyMs, signal).catch(() => undefined);
  }
  return false;
}

/** How the tasks ended against how they should have: one line for each that differs. */
export function differences(examples: Examples, tasks: readonly Task[]): readonly string[] {
  return Object.entries(examples.expected).flatMap(([key, expected]) => {
    const task = tasks.find((other) => other.key === key);
    if (task === undefined) return [`${key}: expected ${expected.state}, and there is no such task`];
    const codes = task.reasons.map(({ code }) => code);
    const right = task.state === expected.state && (expected.reason === undefined || codes.includes(expected.reason));
    if (right) return [];
    const wanted = expected.reason === undefined ? expected.state : `${expected.state} (${expected.reason})`;
    return [`${key}: expected ${wanted}, was ${task.state}${codes.length === 0 ? '' : ` (${codes.join(', ')})`}`];
  });
}
