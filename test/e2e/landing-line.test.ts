import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, openHouse } from '#app/open.ts';
import { person } from '#app/governance/principals.ts';
import { allTasks } from '#app/tasks/all-tasks.ts';
import { submit } from '#app/tasks/submit.ts';
import { addRepo } from '#app/tenants/repositories.ts';
import { createTenant, tenantDefaults } from '#app/tenants/tenants.ts';
import { changeDetails } from '#app/views/change-view.ts';
import { statusOf } from '#app/views/status-view.ts';
import { taskTests } from '#app/views/task-tests.ts';
import type { Landing } from '#domain/landing.ts';
import type { Repository } from '#domain/repository.ts';
import { usd } from '#kernel/money.ts';
import { git } from '../git/scratch.ts';
import { maestro, repository, scratch } from './maestro.ts';

const ada = person('ada');
const TASKS = 8;
const names = Array.from({ length: TASKS }, (_, i) => `word${i}`);
/** Passes after a second, so that all are in the line at once. */
const CHECK = 'setTimeout(() => console.log("# pass 1"), 1000);\n';

const folder = scratch();
const data = join(folder.dir, 'data');
let house: House & AsyncDisposable;
let repo: Repository;
/** What the status page said while they landed, and what a change said. */
const said = new Set<string>();
const places = new Set<number>();

beforeAll(async () => {
  house = await openHouse({ dataDir: data });
  const tenant = await createTenant(house, { ...tenantDefaults(house, 'acme'), budgetNano: usd(10) }, ada);
  const files = Object.fromEntries(names.map((name) => [`${name}.js`, `${name}(1);\n`]));
  const origin = await repository(join(folder.dir, 'words'), { ...files, 'check.js': CHECK });
  const added = { tenant, origin, name: 'words', testCommand: ['node', 'check.js'], by: ada };
  ({ repo } = await addRepo(house, added));
  for (const name of names) {
    const params = { pattern: `${name}($A)`, rewrite: `${name}($A, 2)`, language: 'javascript' };
    await submit(house, { tenant, repo, work: { kind: 'recipe', name: 'codemod', params }, priority: 'lo', by: ada });
  }
  const worker = () => maestro(data, ['worker', '--until-idle'], { MAESTRO_WORKERS: '4' });
  const over = new AbortController();
  const watching = watch(over.signal);
  const ended = await Promise.all([worker(), worker()]);
  over.abort();
  await watching;
  expect(ended.map(({ code }) => code)).toEqual([0, 0]);
}, 120_000);

afterAll(async () => {
  await house?.[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

async function watch(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for (const { doing } of (await statusOf(house)).tasks) said.add(doing.replace(/chg_\w+/, 'CHANGE'));
    for (const change of await house.forge.list({ states: ['open'] })) {
      const { line } = await changeDetails(house, change);
      if (line !== null) places.add(line.place);
    }
    await house.clock.sleep(200, signal).catch(() => undefined);
  }
}

describe(`${TASKS} tasks of one repository on two workers of four slots`, () => {
  it('all land, each with the tree that was tested from the commit it was tested on, on a linear main', async () => {
    const changes = await house.forge.list({ repo: repo.id });
    expect(changes.map(({ state }) => state)).toEqual(names.map(() => 'landed'));

    const dir = house.repoDir(repo.id);
    const log = git(dir, 'log', '--reverse', '--format=%H %P %T', `${repo.head}..main`).split('\n');
    const landings = await house.store.truth.all<{ result: string }>(
      "select result from step where name = 'land.record'",
    );
    const told = landings.map(({ result }) => (JSON.parse(result) as { done: Landing }).done);
    const line = told.map((one) => `${one.landedCommit} ${one.movedFrom} ${one.testedTree}`);
    expect(line.sort()).toEqual(log.sort());
    for (const one of told) expect([one.testedBase, one.testedTree]).toEqual([one.movedFrom, one.landedTree]);
  });

  it('run the tests once each, not once for each that landed before', async () => {
    let runs = 0;
    for (const task of await allTasks(house)) {
      const tests = await taskTests(house, task, 'failed');
      runs += tests.filter(({ tested, cached }) => tested === 'landing' && !cached).length;
    }
    process.stdout.write(`${TASKS} landings on two workers: ${runs} test runs\n`);
    expect(runs).toBeLessThanOrEqual(TASKS + 2);
  });

  it('say for whom they wait, and then on top of which change they were tested', async () => {
    expect([...said].filter((doing) => doing.startsWith('waits for CHANGE ahead of it')).length).toBeGreaterThan(0);
    expect(Math.max(...places)).toBeGreaterThan(1);
    const cards = await Promise.all(
      (await house.forge.list({ repo: repo.id })).map((one) => changeDetails(house, one)),
    );
    const onTop = cards.filter(({ card }) => /on top of chg_\w+, before that one had landed/.test(card ?? ''));
    expect(onTop.length).toBeGreaterThan(0);
    expect(cards.map(({ line }) => line)).toEqual(names.map(() => null));
  });
});
