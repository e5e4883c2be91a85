import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findTask } from '#adapters/sql/index.ts';
import { type House, openHouse } from '#app/open.ts';
import { person } from '#app/governance/principals.ts';
import { submit } from '#app/tasks/submit.ts';
import { cancel } from '#app/tasks/task-control.ts';
import { addRepo } from '#app/tenants/repositories.ts';
import { createTenant, tenantDefaults } from '#app/tenants/tenants.ts';
import { Worker } from '#app/worker.ts';
import type { Repository } from '#domain/repository.ts';
import { ENDED, type Task } from '#domain/task.ts';
import type { Tenant } from '#domain/tenant.ts';
import { usd } from '#kernel/money.ts';
import { git } from '../git/scratch.ts';
import { withPart } from '../with-part.ts';
import { repository, scratch } from './maestro.ts';

const ada = person('ada');
const folder = scratch();
let house: House & AsyncDisposable;
let tenant: Tenant;
let repo: Repository;

beforeAll(async () => {
  house = await openHouse({ dataDir: join(folder.dir, 'data') });
  tenant = await createTenant(house, { ...tenantDefaults(house, 'acme'), budgetNano: usd(10) }, ada);
  const files = { 'a.js': 'one(1);\n', 'b.js': 'two(1);\n', 'check.js': 'console.log("# pass 1");\n' };
  const origin = await repository(join(folder.dir, 'words'), files);
  ({ repo } = await addRepo(house, { tenant, origin, name: 'words', testCommand: ['node', 'check.js'], by: ada }));
});
afterAll(async () => {
  await house?.[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const main = (): string => git(house.repoDir(repo.id), 'rev-parse', 'main');

async function now({ tenant, id }: Task): Promise<Task['state']> {
  return (await findTask(house.store.truth, tenant, id))?.state ?? 'proposed';
}

/** Submits a change and works until it has ended. */
async function work(name: string, over: (task: Task) => Partial<House>): Promise<Task> {
  const params = { pattern: `${name}($A)`, rewrite: `${name}($A, 2)`, language: 'javascript' };
  const work = { kind: 'recipe', name: 'codemod', params } as const;
  const task = await submit(house, { tenant, repo, work, priority: 'lo', by: ada });
  const stop = new AbortController();
  const working = new Worker({ ...house, ...over(task) }, 1).run(stop.signal);
  await expect.poll(async () => ENDED.includes(await now(task)), { timeout: 60_000 }).toBe(true);
  stop.abort();
  await working;
  return task;
}

it('a task that is cancelled before the intent to move the branch is on record moves nothing', async () => {
  const before = main();
  const task = await work('one', (task) => ({
    policy: withPart(house.policy, {
      decide: async (asked, signal) => {
        if (asked.action.name === 'change.land') await cancel(house, task, ada);
        return house.policy.decide(asked, signal);
      },
    }),
  }));

  expect([await now(task), main()]).toEqual(['cancelled', before]);
  expect(await house.store.truth.tx((tx) => house.ledger.openHolds(tx))).toEqual([]);
});

it('and cannot be cancelled any more after it', async () => {
  const before = main();
  const answers: unknown[] = [];
  const task = await work('two', (task) => ({
    forge: withPart(house.forge, {
      moveBranch: async (move) => {
        answers.push(await cancel(house, task, ada).catch((error: unknown) => error));
        const moved = await house.forge.moveBranch(move);
        answers.push(await cancel(house, task, ada).catch((error: unknown) => error));
        return moved;
      },
    }),
  }));

  expect(answers).toMatchObject([{ code: 'TASK_STATE' }, { code: 'TASK_STATE' }]);
  expect(await now(task)).toBe('landed');
  expect(main()).not.toBe(before);
});
