import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readEvents } from '#adapters/sql/index.ts';
import { allTasks } from '#app/tasks/all-tasks.ts';
import { autonomyNow } from '#app/governance/autonomy.ts';
import { approve, reject } from '#app/tenants/changes.ts';
import { untilAtRest } from '#app/main-job/main-job.ts';
import { type House, openHouse } from '#app/open.ts';
import { person } from '#app/governance/principals.ts';
import { addRepo } from '#app/tenants/repositories.ts';
import { submit } from '#app/tasks/submit.ts';
import { createTenant, tenantDefaults } from '#app/tenants/tenants.ts';
import { Worker } from '#app/worker.ts';
import type { Repository } from '#domain/repository.ts';
import type { Task } from '#domain/task.ts';
import type { Tenant } from '#domain/tenant.ts';
import { usd } from '#kernel/money.ts';
import { repository, scratchFolder } from '../git/scratch.ts';

const ada = person('ada');

const FILES = {
  'package.json': '{ "name": "x", "scripts": { "test": "node --test" } }',
  'a.js': 'export const one = 1;\nconsole.log(one);\nconsole.debug(one);\nconsole.trace(one);\n',
  'a.test.js': "import test from 'node:test';\ntest('works', () => {});\n",
};

/** Submits a codemod that turns one method of the console into another, and waits for its end. */
async function change(house: House, tenant: Tenant, repo: Repository, from: string, to: string): Promise<Task> {
  const params = { pattern: `console.${from}($A)`, rewrite: `console.${to}($A)`, language: 'javascript' };
  const work = { kind: 'recipe', name: 'codemod', params } as const;
  const { id } = await submit(house, { tenant, repo, work, priority: 'lo', by: ada });
  await untilAtRest(house.clock, () => allTasks(house), AbortSignal.timeout(60_000));
  return (await allTasks(house)).find((task) => task.id === id)!;
}

it('two rejections bring the next change before a person, and kept changes win the level back', async () => {
  using place = scratchFolder();
  await using house = await openHouse({ dataDir: join(place.dir, 'data') });
  const policy = { protectedPaths: ['a.js'] };
  const tenant = await createTenant(house, { ...tenantDefaults(house, 'atlas'), budgetNano: usd(50), policy }, ada);
  const { repo } = await addRepo(house, { tenant, origin: repository(join(place.dir, 'shop'), FILES), by: ada });
  const done = new AbortController();
  const working = new Worker(house, 1).run(done.signal);
  const waiting = async () => (await house.forge.list({ tenant: tenant.id, states: ['needs_human'] }))[0]!;
  const level = async () => {
    const subject = { tenant: tenant.id, repo: repo.id, work: { kind: 'recipe', name: 'codemod' } } as const;
    return (await autonomyNow(house.store.truth, tenant, subject)).level;
  };

  for (const to of ['info', 'warn']) {
    await change(house, tenant, repo, 'log', to);
    await reject(house, await waiting(), ada, 'not this way');
  }
  const lost = await level();
  const third = await change(house, tenant, repo, 'debug', 'error');
  await approve(house, await waiting(), ada);
  await untilAtRest(house.clock, () => allTasks(house), AbortSignal.timeout(60_000));
  done.abort();
  await working;

  expect(lost).toBe('propose');
  expect(third.state).toBe('needs_human');
  expect(third.reasons.map(({ code }) => code)).toContain('AUTONOMY_PROPOSE');
  const changed = await readEvents(house.store.truth, tenant.id, { type: 'autonomy.changed', limit: 10 });
  expect(changed.map(({ data }) => data)).toMatchObject([{ level: 'propose', overridden: 2, work: 'recipe:codemod' }]);
});
