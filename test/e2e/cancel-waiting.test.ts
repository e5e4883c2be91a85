import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findTask } from '#adapters/sql/index.ts';
import { type House, openHouse } from '#app/open.ts';
import { person } from '#app/governance/principals.ts';
import { submit } from '#app/tasks/submit.ts';
import { cancel, retry } from '#app/tasks/task-control.ts';
import { addRepo } from '#app/tenants/repositories.ts';
import { createTenant, tenantDefaults } from '#app/tenants/tenants.ts';
import { inbox } from '#app/views/inbox.ts';
import { Worker } from '#app/worker.ts';
import type { Repository } from '#domain/repository.ts';
import type { Task, TaskState } from '#domain/task.ts';
import type { Tenant } from '#domain/tenant.ts';
import { usd } from '#kernel/money.ts';
import { withPart } from '../with-part.ts';
import { repository, scratch } from './maestro.ts';

// A change whose task is cancelled asks nobody any more, and stands in the way of no other.

const ada = person('ada');
const folder = scratch();
let house: House & AsyncDisposable;
let tenant: Tenant;
let repo: Repository;

beforeAll(async () => {
  house = await openHouse({ dataDir: join(folder.dir, 'data') });
  const policy = { protectedPaths: ['*.js'] };
  tenant = await createTenant(house, { ...tenantDefaults(house, 'acme'), budgetNano: usd(10), policy }, ada);
  const files = { 'a.js': 'one(1);\n', 'b.js': 'two(1);\n', 'check.js': 'console.log("# pass 1");\n' };
  const origin = await repository(join(folder.dir, 'words'), files);
  ({ repo } = await addRepo(house, { tenant, origin, name: 'words', testCommand: ['node', 'check.js'], by: ada }));
});
afterAll(async () => {
  await house?.[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

async function now({ tenant, id }: Task): Promise<Task> {
  return (await findTask(house.store.truth, tenant, id))!;
}

/** A codemod of a file that waits for a person. */
function propose(name: string): Promise<Task> {
  const params = { pattern: `${name}($A)`, rewrite: `${name}($A, 2)`, language: 'javascript' };
  const work = { kind: 'recipe', name: 'codemod', params } as const;
  return submit(house, { tenant, repo, work, priority: 'lo', by: ada });
}

async function workUntil(task: Task, state: TaskState, over: Partial<House> = {}): Promise<void> {
  const stop = new AbortController();
  const working = new Worker({ ...house, ...over }, 1).run(stop.signal);
  await expect.poll(async () => (await now(task)).state, { timeout: 60_000 }).toBe(state);
  stop.abort();
  await working;
}

const changesOf = async ({ id }: Task) =>
  (await house.forge.list({ tenant: tenant.id })).filter(({ task }) => task === id).map(({ state }) => state);

it('a task that is cancelled while it waits leaves the inbox empty, and tried again it is no duplicate of itself', async () => {
  const task = await propose('one');
  await workUntil(task, 'needs_human');
  expect(await inbox(house)).toHaveLength(1);

  await cancel(house, await now(task), ada);

  expect(await inbox(house)).toEqual([]);
  expect(await changesOf(task)).toEqual(['closed']);
  await retry(house, await now(task), ada);
  await workUntil(task, 'needs_human');
  expect((await now(task)).reasons.map(({ code }) => code)).not.toContain('DUPLICATE_CHANGE');
  expect((await changesOf(task)).sort()).toEqual(['closed', 'needs_human']);
  await cancel(house, await now(task), ada);
}, 120_000);

it('a run that proposes after its task was cancelled leaves nothing that waits', async () => {
  const task = await propose('two');
  const forge = withPart(house.forge, {
    open: async (change) => {
      await cancel(house, task, ada);
      return house.forge.open(change);
    },
  });

  await workUntil(task, 'cancelled', { forge });

  expect(await changesOf(task)).toEqual(['closed']);
  expect(await inbox(house)).toEqual([]);
}, 120_000);
