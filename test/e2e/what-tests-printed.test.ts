import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKey } from '#app/access/keys.ts';
import { giveRoles } from '#app/access/roles.ts';
import { eraseTenant } from '#app/governance/erase.ts';
import { person } from '#app/governance/principals.ts';
import { untilAtRest } from '#app/main-job/main-job.ts';
import { type House, openHouse } from '#app/open.ts';
import { allTasks } from '#app/tasks/all-tasks.ts';
import { submit } from '#app/tasks/submit.ts';
import { addRepo } from '#app/tenants/repositories.ts';
import { createTenant, tenantDefaults } from '#app/tenants/tenants.ts';
import { evidenceFiles } from '#app/views/evidence-files.ts';
import type { TestsDocument } from '#app/views/task-tests.ts';
import { getTask } from '#app/views/task-view.ts';
import { Worker } from '#app/worker.ts';
import type { Task } from '#domain/task.ts';
import type { Tenant } from '#domain/tenant.ts';
import { millis } from '#kernel/clock.ts';
import { usd } from '#kernel/money.ts';
import { serve, type Served } from '#server/serve.ts';
import { type Ended, maestro, repository, scratch } from './maestro.ts';

const ada = person('ada');
const KEY = `mk_${'aB3-_'.repeat(9)}`;
/** A suite that says a lot on both streams, in colours, and tells a key and markup. */
const CHECK = `const fs = require('node:fs');
const say = (line) => process.stdout.write(line + '\\n');
for (let i = 0; i < 3000; i++) say('\\u001b[2mchecks case ' + i + '\\u001b[22m');
say('with ${KEY} <script>alert(1)</script>');
process.stderr.write('a warning on standard error');
if (fs.existsSync('red.txt') || fs.readFileSync('a.js', 'utf8').includes('info')) {
  say('not ok 3001 - the word is wrong');
  process.exitCode = 1;
} else say('# pass 3000');
`;

const folder = scratch();
const data = join(folder.dir, 'data');
let house: House & AsyncDisposable;
let served: Served;
let acme: Tenant;
const keys: { [tenant: string]: string } = {};
const tasks: { [name: string]: Task } = {};

beforeAll(async () => {
  house = await openHouse({ dataDir: data });
  acme = await tenantWithKey('acme');
  const umbra = await tenantWithKey('umbra');
  await submitted(acme, 'red', { 'red.txt': '' }, 'error');
  await submitted(acme, 'breaks', {}, 'info');
  await submitted(acme, 'lands', {}, 'error');
  await submitted(umbra, 'other', { 'red.txt': '' }, 'error');
  const done = new AbortController();
  const working = new Worker(house, 2).run(done.signal);
  await untilAtRest(house.clock, () => allTasks(house), AbortSignal.timeout(120_000));
  done.abort();
  await working;
  served = await serve(house, { host: '127.0.0.1', port: 0 });
}, 150_000);

afterAll(async () => {
  await served?.[Symbol.asyncDispose]();
  await house?.[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

async function tenantWithKey(id: string): Promise<Tenant> {
  const tenant = await createTenant(house, { ...tenantDefaults(house, id), budgetNano: usd(10) }, ada);
  await giveRoles(house, tenant, { id: `human:${id}-viewer`, roles: ['viewer'], by: ada });
  keys[id] = (await createKey(house, tenant, { for: `human:${id}-viewer`, roles: ['viewer'], by: ada })).text;
  return tenant;
}

async function submitted(
  tenant: Tenant,
  name: string,
  files: { readonly [path: string]: string },
  word: string,
): Promise<void> {
  const all = { 'a.js': 'console.log(1);\n', 'check.js': CHECK, ...files };
  const origin = await repository(join(folder.dir, name), all);
  const { repo } = await addRepo(house, { tenant, origin, name, testCommand: ['node', 'check.js'], by: ada });
  const params = { pattern: 'console.log($A)', rewrite: `console.${word}($A)`, language: 'javascript' };
  const work = { kind: 'recipe', name: 'codemod', params } as const;
  tasks[name] = await submit(house, { tenant, repo, work, priority: 'lo', by: ada });
}

const idOf = (name: string): string => tasks[name]?.id ?? '';
const cli = (name: string, ...flags: readonly string[]): Promise<Ended> =>
  maestro(data, ['task', 'tests', idOf(name), ...flags]);
const get = (path: string, key = ''): Promise<Response> =>
  fetch(`${served.url}${path}`, { headers: key === '' ? {} : { authorization: `Bearer ${key}` } });
const api = (name: string, tenant: string, key?: string): Promise<Response> =>
  get(`/api/v1/tenants/${tenant}/tasks/${idOf(name)}/tests?output=all`, key);

async function documents(name: string): Promise<readonly TestsDocument[]> {
  const tenant = name === 'other' ? 'umbra' : 'acme';
  return ((await (await api(name, tenant, keys[tenant])).json()) as { items: readonly TestsDocument[] }).items;
}

describe('a task that was refused because of its tests', () => {
  it('says where to look, and there is every line, on which tree, and how it ended', async () => {
    const found = await Promise.all(['red', 'breaks', 'lands'].map(async (name) => getTask(house, idOf(name))));
    expect(found.map(({ state, reasons }) => [state, reasons[0]?.code])).toEqual([
      ['needs_human', 'BASE_RED'],
      ['failed', 'TESTS_FAILED'],
      ['landed', undefined],
    ]);
    expect(found[0]?.reasons[0]?.fix).toContain('maestro task tests ID');
    expect(found[1]?.reasons[0]?.fix).toContain('maestro task tests ID');

    const [red, ...more] = await documents('red');
    expect(more).toEqual([]);
    expect(red).toMatchObject({ step: 'baseline', tested: 'base', outcome: 'failed', command: ['node', 'check.js'] });
    expect(red?.attempts.map(({ outcome, exitCode }) => [outcome, exitCode])).toEqual([
      ['failed', 1],
      ['failed', 1],
    ]);
    for (const attempt of red?.attempts ?? []) {
      const lines = attempt.output?.stdout.split('\n') ?? [];
      expect(attempt.output).toMatchObject({ whole: true, stderr: 'a warning on standard error' });
      expect(lines.slice(0, 3000)).toEqual(Array.from({ length: 3000 }, (_, i) => `checks case ${i}`));
      expect(lines).toContain('with [key] <script>alert(1)</script>');
    }
    expect((await documents('breaks')).map(({ tested, outcome }) => [tested, outcome])).toEqual([
      ['base', 'passed'],
      ['change', 'failed'],
    ]);
  });

  it('shows a person the end of it, and how to see the rest', async () => {
    const { stdout, code } = await cli('breaks');

    expect(code).toBe(0);
    expect(stdout).toMatch(/verify +change +[0-9a-f]{12} +failed twice/);
    expect(stdout).toContain('not ok 3001 - the word is wrong');
    expect(stdout).toMatch(/the last 40 of \d+ lines/);
    expect(stdout).not.toContain('checks case 2900\n');
    expect(stdout).not.toContain('\u001b');
    expect(stdout).toContain(`maestro task tests ${idOf('breaks')} --output`);
    expect(stdout.split('\n').length).toBeLessThan(60);
    expect((await cli('breaks', '--output')).stdout).toContain('checks case 0\n');
  });

  it('keeps of what passed its end, shown when it is asked for', async () => {
    const found = await documents('lands');

    expect(found.map(({ tested, outcome, passed }) => [tested, outcome, passed])).toEqual([
      ['base', 'passed', 3000],
      ['change', 'passed', 3000],
      ['landing', 'passed', 3000],
    ]);
    expect(found[2]).toMatchObject({ cached: true, tree: found[1]?.tree });
    expect(found[1]?.attempts[0]?.output).toMatchObject({
      whole: false,
      stdout: expect.stringContaining('# pass 3000'),
    });
    expect((await cli('lands')).stdout).not.toContain('checks case');
  });

  it('is the same over HTTP with a key of its tenant; with none and with another’s it is not read', async () => {
    expect(JSON.parse((await cli('red', '--output', '--json')).stdout)).toEqual(await documents('red'));
    expect((await api('red', 'acme')).status).toBe(401);
    expect((await api('red', 'acme', keys['umbra'])).status).toBe(404);
    expect((await api('red', 'umbra', keys['umbra'])).status).toBe(404);
    expect((await get(`/tasks/${idOf('red')}`, keys['umbra'])).status).toBe(404);
  });

  it('stands on its page as text, not as markup', async () => {
    const page = await (await get(`/tasks/${idOf('red')}`, keys['acme'])).text();

    expect(page).toContain('<h2>Tests</h2>');
    expect(page).toContain('checks case 0\nchecks case 1\n');
    expect(page).toContain('&lt;script&gt;alert(1)');
    expect(page).not.toContain('<script>alert');
    expect(page).not.toContain(KEY);
  });

  it('is in no evidence, and nobody finds a key of ours in any row', async () => {
    const folders = await Promise.all(Object.values(tasks).map((task) => evidenceFiles(house, task)));
    const signed = folders.flatMap((files) =>
      [...files.values()].map((bytes) => Buffer.from(bytes).toString('latin1')),
    );
    const payloads = signed.flatMap((text) =>
      [...text.matchAll(/"payload":"([^"]+)"/g)].map(([, base64 = '']) => Buffer.from(base64, 'base64').toString()),
    );
    expect(payloads.length).toBeGreaterThan(6);
    expect([...signed, ...payloads].filter((text) => text.includes('checks case 17'))).toEqual([]);
    for (const table of ['test_output', 'action_result', 'step', 'task', 'event', 'decision_card']) {
      expect(JSON.stringify(await house.store.truth.all(`select * from ${table}`))).not.toContain(KEY);
    }
  });

  it('goes with its tenant, and another’s stays until it ages out; the report still has the end', async () => {
    const { caches, clock, store } = house;
    const owners = () => store.truth.all('select distinct tenant from test_output order by tenant');
    expect(await owners()).toEqual([{ tenant: 'acme' }, { tenant: 'umbra' }]);

    await eraseTenant(house, acme, ada);

    expect(await owners()).toEqual([{ tenant: 'umbra' }]);
    expect((await api('red', 'acme', keys['acme'])).status).not.toBe(200);
    expect((await cli('red')).stderr).toContain('TASK_UNKNOWN');
    expect((await documents('other'))[0]?.attempts[1]?.output?.whole).toBe(true);

    await caches.evictResults(millis(clock.now() + 1));

    expect(await owners()).toEqual([]);
    const [old] = await documents('other');
    expect(old?.attempts[0]?.output).toBeNull();
    expect(old?.attempts[1]?.output?.whole).toBe(false);
    expect(old?.attempts[1]?.output?.stdout).toContain('not ok 3001');
    expect(old?.attempts[1]?.output?.stdout.length).toBeLessThan(4100);
  });
});
