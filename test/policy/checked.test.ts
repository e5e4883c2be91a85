import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createKey, keysIn, revokeKey } from '#app/access/keys.ts';
import { disable, giveRoles } from '#app/access/roles.ts';
import { allTasks } from '#app/tasks/all-tasks.ts';
import { policyChecked } from '#app/governance/audit.ts';
import { approve, comment, reject } from '#app/tenants/changes.ts';
import { untilAtRest } from '#app/main-job/main-job.ts';
import { type House, openHouse } from '#app/open.ts';
import { Refusal } from '#app/perform.ts';
import { person } from '#app/governance/principals.ts';
import { addRepo } from '#app/tenants/repositories.ts';
import { submit } from '#app/tasks/submit.ts';
import { resume, stop } from '#app/qos/stop.ts';
import { cancel, retry } from '#app/tasks/task-control.ts';
import { setScopeBudget } from '#app/tenants/budgets.ts';
import { changeTenant, createTenant, getTenant, tenantDefaults, topUp } from '#app/tenants/tenants.ts';
import { createWebhook, removeWebhook, webhooksIn } from '#app/webhooks/webhooks.ts';
import { Worker } from '#app/worker.ts';
import type { Principal } from '#domain/action.ts';
import { ROLES } from '#domain/grant.ts';
import type { Repository } from '#domain/repository.ts';
import type { Tenant, TenantPolicy } from '#domain/tenant.ts';
import { MaestroError } from '#kernel/error.ts';
import { usd } from '#kernel/money.ts';
import { type Random, seededRandom } from '#kernel/random.ts';
import { repository, scratchFolder } from '../git/scratch.ts';

const SEED = 7;
const ada = person('ada');
const ben = person('ben');
const nobody: Principal = { ...person('nobody'), grants: [] };

const RULES: readonly TenantPolicy[] = [
  {},
  { autonomy: 'propose' },
  { autonomy: 'observe' },
  { recipes: ['rename-api'] },
  { deniedPaths: ['src/**'] },
  { protectedPaths: ['**'] },
];

const FILES = {
  'package.json': '{ "name": "x", "scripts": { "test": "node --test" } }',
  'src/a.js': 'export const one = 1;\nconsole.log(one);\n',
  'a.test.js': "import test from 'node:test';\ntest('works', () => {});\n",
};

const pick = <T>(random: Random, from: readonly T[]): T => from[random.integer(from.length)]!;

/** What a person may do next, each at random; refusals and wrong moments are part of it. */
async function act(
  house: House,
  random: Random,
  places: readonly { tenant: Tenant; repo: Repository }[],
): Promise<void> {
  const {
    tenant: { id },
    repo,
  } = pick(random, places);
  const tenant = await getTenant(house, id);
  const task = (await allTasks(house)).at(-1 - random.integer(4));
  const [change] = await house.forge.list({ tenant: id, states: ['needs_human'] });
  const word = pick(random, ['info', 'warn', 'log', 'error']);
  const work = {
    kind: 'recipe',
    name: 'codemod',
    params: { pattern: 'console.log($A)', rewrite: `console.${word}($A)`, language: 'javascript' },
  } as const;
  const deeds: readonly (() => Promise<unknown>)[] = [
    () => submit(house, { tenant, repo, work, priority: pick(random, ['hi', 'lo']), by: ada }),
    () => submit(house, { tenant, repo, work, priority: 'lo', by: ada, maxNano: usd(500) }),
    () => topUp(house, tenant, usd(1), ada),
    () => changeTenant(house, id, (stands) => ({ ...stands, policy: pick(random, RULES) }), ada),
    async () => task && cancel(house, task, ada),
    async () => task && retry(house, task, ada),
    async () => change && approve(house, change, ben),
    async () => change && reject(house, change, ben, 'no'),
    async () => change && comment(house, change, ben, 'hm'),
    () => giveRoles(house, tenant, { id: 'service:ci', roles: [pick(random, ROLES)], by: ada }),
    () => createKey(house, tenant, { for: 'service:ci', roles: ['viewer'], by: pick(random, [ada, nobody]) }),
    () => disable(house, { id: 'service:ci', disabled: random.integer(2) === 0, by: ada }),
    async () => {
      const [key] = await keysIn(house, tenant, ada);
      return key && revokeKey(house, tenant, key.id, ada);
    },
    () => setScopeBudget(house, 'org', { capNano: usd(1000), period: 'month' }, ada),
    () => stop(house, tenant, ada).then(() => resume(house, tenant, ada)),
    () => createWebhook(house, tenant, { url: 'https://hooks.example.org/x', types: [], by: ada }),
    async () => {
      const [hook] = await webhooksIn(house, tenant);
      return hook && removeWebhook(house, tenant, hook.id, ada);
    },
  ];
  await pick(random, deeds)().catch((error: unknown) => {
    if (!(error instanceof Refusal || error instanceof MaestroError)) throw error;
  });
}

it('whatever people and agents do, no effect is on record without a decision before it', async () => {
  using place = scratchFolder();
  await using house = await openHouse({ dataDir: join(place.dir, 'data') });
  const random = seededRandom(SEED);
  const places: { tenant: Tenant; repo: Repository }[] = [];
  for (const id of ['atlas', 'borea', 'cirrus']) {
    const tenant = await createTenant(house, { ...tenantDefaults(house, id), budgetNano: usd(50) }, ada);
    const origin = repository(join(place.dir, id), FILES);
    places.push({ tenant, repo: (await addRepo(house, { tenant, origin, name: 'shop', by: ada })).repo });
  }
  const done = new AbortController();
  const working = new Worker(house, 2).run(done.signal);

  for (let i = 0; i < 60; i++) {
    await act(house, random, places);
    await house.clock.sleep(random.integer(150));
  }
  await untilAtRest(house.clock, () => allTasks(house), AbortSignal.timeout(120_000));
  done.abort();
  await working;

  const checked = await policyChecked(house);
  expect(checked).toMatchObject({ ratio: 1, unchecked: [] });
  expect(checked.effects).toBeGreaterThan(30);
  const kinds = await house.store.truth.all('select distinct type from event');
  expect(kinds.length).toBeGreaterThan(20);
  expect(new Set((await allTasks(house)).map(({ state }) => state)).size).toBeGreaterThan(2);
});
