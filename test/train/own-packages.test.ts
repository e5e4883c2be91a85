import { readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunContext, RunOutcome } from '#agents/index.ts';
import { person } from '#app/governance/principals.ts';
import { untilAtRest } from '#app/main-job/main-job.ts';
import { type House, openHouse } from '#app/open.ts';
import { allTasks } from '#app/tasks/all-tasks.ts';
import { submit } from '#app/tasks/submit.ts';
import { approve, reject } from '#app/tenants/changes.ts';
import { cleanCaches } from '#app/upkeep/clean-caches.ts';
import { addRepo } from '#app/tenants/repositories.ts';
import { createTenant, tenantDefaults } from '#app/tenants/tenants.ts';
import { taskTests } from '#app/views/task-tests.ts';
import { Worker } from '#app/worker.ts';
import type { Change } from '#domain/change.ts';
import type { TaskId } from '#domain/ids.ts';
import type { Repository } from '#domain/repository.ts';
import type { Task } from '#domain/task.ts';
import type { Tenant } from '#domain/tenant.ts';
import type { TestReport } from '#domain/test-report.ts';
import { NO_USAGE } from '#domain/usage.ts';
import type { Json } from '#kernel/json.ts';
import type { Equipped } from '#train/index.ts';
import { usd } from '#kernel/money.ts';
import { repository, scratchFolder } from '../git/scratch.ts';

const ada = person('ada');
const folder = scratchFolder();
let opened: House & AsyncDisposable;
let house: House;
let acme: Tenant;

/** An environment of one package, in the given version; `none` is one that cannot be had. */
const declared = (version: string): string => {
  const make = `if ('${version}' === 'none') process.exit(1); require('fs').mkdirSync('vendor'); require('fs').writeFileSync('vendor/version', '${version}')`;
  return JSON.stringify({ environment: { commands: [['node', '-e', make]], folders: ['vendor'] } });
};
/** Says which version it was run with; it does not work with the third. */
const CHECK = `const version = require('fs').readFileSync('vendor/version', 'utf8');
console.log('with version ' + version);
if (version === '3') process.exit(1);
`;

beforeAll(async () => {
  opened = await openHouse({ dataDir: join(folder.dir, 'data') });
  const runner = { kind: 'recipe', problems: () => [], run: takesVersion };
  house = { ...opened, runners: new Map([['recipe', runner]]) };
  acme = await createTenant(house, { ...tenantDefaults(house, 'acme'), budgetNano: usd(10) }, ada);
});
afterAll(async () => {
  await opened?.[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

/** Work that declares another version of the package. */
async function takesVersion(context: RunContext): Promise<RunOutcome> {
  const { task, files } = context;
  const version = task.work.kind === 'recipe' ? task.work.params['version'] : undefined;
  await context.step('write', async () => {
    await files.write('.maestro.yaml', Buffer.from(declared(version ?? '')));
    return { result: null, usage: NO_USAGE };
  });
  return { kind: 'change', summary: `takes version ${version}`, warnings: [] };
}

/** Works on all tasks until none is left to be worked on. */
async function worked(): Promise<void> {
  const done = new AbortController();
  const working = new Worker(house, 2).run(done.signal);
  await untilAtRest(house.clock, () => allTasks(house), AbortSignal.timeout(60_000));
  done.abort();
  await working;
}

/** Proposes the version, has it approved, and gives what came of it. */
async function approved(name: string, version: string): Promise<{ repo: Repository; change: Change; task: Task }> {
  const origin = repository(join(folder.dir, name), { '.maestro.yaml': declared('1'), 'check.js': CHECK });
  const testCommand = ['node', 'check.js'];
  const { repo } = await addRepo(house, { tenant: acme, origin, name, testCommand, by: ada });
  const work = { kind: 'recipe', name: 'takes-version', params: { version } } as const;
  const { id } = await submit(house, { tenant: acme, repo, work, priority: 'lo', by: ada });
  await worked();
  const [asked] = await house.forge.list({ repo: repo.id });
  if (asked === undefined) throw new Error(JSON.stringify(await allTasks(house)));
  expect(asked.asks.map(({ code }) => code)).toContain('PROTECTED_PATH');
  await approve(house, asked, ada);
  await worked();
  const task = (await allTasks(house)).find((one) => one.id === id);
  const [change] = await house.forge.list({ repo: repo.id });
  if (change === undefined || task === undefined) throw new Error('the change or its task is gone');
  return { repo, change, task };
}

const keyOf = async (repo: Repository, commit: Change['head']): Promise<string> =>
  (await house.environments.plan({ repoDir: house.repoDir(repo.id), ordinal: acme.ordinal, commit })).key;

/** The last test of what would land. */
async function landingTest(task: Task): Promise<TestReport> {
  const query = `select result from step where name like 'land.test%' and run in (select id from run where task = $1)`;
  const [row] = await house.store.truth.all<{ result: string }>(query, task.id);
  return (JSON.parse(row?.result ?? '') as { done: TestReport }).done;
}

describe('an approved change of what is installed', () => {
  it('lands once its tests have passed with its own packages', async () => {
    const { repo, change, task } = await approved('second', '2');

    expect([task.state, change.state]).toEqual(['landed', 'landed']);
    const landed = (await house.forge.head(repo.id, 'main')) ?? change.base;
    const report = await landingTest(task);
    expect(report.environmentKey).toBe(await keyOf(repo, landed));
    expect(report.environmentKey).not.toBe(await keyOf(repo, change.base));
    expect(report).toMatchObject({
      outcome: 'passed',
      cached: false,
      outputTail: expect.stringContaining('version 2'),
    });
  });

  it('does not land when its tests fail with its own packages, and main stays where it was', async () => {
    const { repo, change, task } = await approved('third', '3');

    expect([task.state, change.state]).toEqual(['needs_human', 'needs_human']);
    expect(task.reasons.map(({ code }) => code)).toEqual(['CANDIDATE_RED']);
    expect(await house.forge.head(repo.id, 'main')).toBe(change.base);
    const tests = await taskTests(house, task, 'failed');
    expect(tests.filter(({ outcome }) => outcome === 'failed').map(({ tested }) => tested)).toEqual(['landing']);
  });

  it('waits for a person with the reason when its packages cannot be had', async () => {
    const { repo, change, task } = await approved('none', 'none');

    expect([task.state, change.state]).toEqual(['needs_human', 'needs_human']);
    expect([task.reasons, change.asks].map((all) => all.map(({ code }) => code))).toEqual([
      ['ENVIRONMENT_BUILD_FAILED'],
      ['ENVIRONMENT_BUILD_FAILED'],
    ]);
    expect(await house.forge.head(repo.id, 'main')).toBe(change.base);
    expect((await reject(house, change, ada, 'there is no such version')).state).toBe('failed');
  });

  it('keeps its packages for as long as its landing is under way, however long that waits', async () => {
    const { repo } = await approved('kept', '4');
    const landed = (await house.forge.head(repo.id, 'main')) ?? repo.head;
    const request = { repoDir: house.repoDir(repo.id), ordinal: acme.ordinal, commit: landed };
    const run = await house.journal.open({
      tenant: acme.id,
      task: house.ids.next('task') as TaskId,
      owner: 'test',
      leaseMs: 60_000,
      begin: async () => true,
    });
    const equip = async (): Promise<{ done: Equipped & Json }> => ({
      done: {
        kind: 'ready',
        with: { ...(await house.environments.ensure(request, AbortSignal.timeout(10_000))).environment },
      },
    });
    await run?.step({ name: 'land.equip.1', effect: equip });
    const root = join(house.dataDir, 'environments', `${acme.ordinal}`);
    const entries = readdirSync(root).filter((name) => /^[0-9a-f]{64}$/.test(name));
    for (const name of entries) utimesSync(join(root, name, 'environment.json'), 1, 1);

    await cleanCaches(house);

    expect(entries.length).toBeGreaterThan(1);
    expect(readdirSync(root).filter((name) => entries.includes(name))).toEqual([await keyOf(repo, landed)]);
    await run?.close(async () => undefined);
  });
});
