import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { eraseTenant as eraseRows, openStore, TENANT_TABLES } from '#adapters/sql/index.ts';
import { verifyAudit } from '#app/governance/audit.ts';
import { allTasks } from '#app/tasks/all-tasks.ts';
import { eraseTenant, finishErasure } from '#app/governance/erase.ts';
import { verifyLog } from '#app/views/evidence-files.ts';
import { untilAtRest } from '#app/main-job/main-job.ts';
import { type House, openHouse } from '#app/open.ts';
import { person } from '#app/governance/principals.ts';
import { addRepo } from '#app/tenants/repositories.ts';
import { submit } from '#app/tasks/submit.ts';
import { createTenant, getTenant, tenantDefaults } from '#app/tenants/tenants.ts';
import { Housekeeping } from '#app/upkeep/housekeeping.ts';
import { Worker } from '#app/worker.ts';
import type { GitOid, RepoId, RunId } from '#domain/ids.ts';
import type { Tenant } from '#domain/tenant.ts';
import { usd } from '#kernel/money.ts';
import { repository, scratchFolder } from '../git/scratch.ts';

const ada = person('ada');
/** Stands in the repository, in the change, in the events and in the evidence of the tenant that is erased. */
const SECRET = 'zanzibarQuokka';

/** A tenant with a repository in which one change has landed. */
async function landed(house: House, dir: string, id: string, word: string): Promise<Tenant> {
  const tenant = await createTenant(house, { ...tenantDefaults(house, id), budgetNano: usd(10) }, ada);
  const files = {
    'package.json': '{ "name": "x", "scripts": { "test": "node --test" } }',
    'a.js': `export const ${word} = 1;\nconsole.log(${word});\n`,
    'a.test.js': "import test from 'node:test';\ntest('works', () => {});\n",
  };
  const { repo } = await addRepo(house, {
    tenant,
    origin: repository(join(dir, `origin-${id}`), files),
    name: word.toLowerCase(),
    by: ada,
  });
  const work = {
    kind: 'recipe',
    name: 'codemod',
    params: { pattern: `console.log(${word})`, rewrite: `console.info(${word})`, language: 'javascript' },
  } as const;
  await submit(house, { tenant, repo, work, priority: 'lo', by: ada });
  return tenant;
}

async function worked(house: House): Promise<void> {
  const done = new AbortController();
  const working = new Worker(house, 2).run(done.signal);
  await untilAtRest(house.clock, () => allTasks(house), AbortSignal.timeout(120_000));
  done.abort();
  await working;
}

/** The workspace of an ended run, as it stays when the worker is killed before it removes it. */
async function leftFolder(house: House, tenant: string): Promise<void> {
  const query =
    'select r.id as run, p.id as repo, p.head from run r join repository p on p.tenant = r.tenant where r.tenant = $1';
  const [left] = await house.store.truth.all<{ run: RunId; repo: RepoId; head: GitOid }>(query, tenant);
  if (left === undefined) throw new Error(`${tenant} has no run`);
  await house.workspaces.create({ run: left.run, repoDir: house.repoDir(left.repo), base: left.head, ordinal: 1 });
}

/** Files below a folder that hold the text. */
function holding(dir: string, text: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path).toString('latin1').includes(text) || path.includes(text.toLowerCase()));
}

/** What the rows of the first tenant say to whoever has its key. */
async function told(house: House): Promise<string> {
  const { truth } = house.store;
  const tables = [
    'event',
    'task',
    'step',
    'change',
    'decision_card',
    'policy_decision',
    'evidence_statement',
    'repository',
  ];
  const rows = await Promise.all(tables.map((table) => truth.all(`select * from ${table} where tenant = 'atlas'`)));
  return JSON.stringify(rows);
}

it('an erased tenant leaves nothing readable, not even in copies of the store; the log is whole and others keep everything', async () => {
  using place = scratchFolder();
  const [data, copy] = [join(place.dir, 'data'), join(place.dir, 'copy')];
  const inStore = (dir: string, word: string) => holding(dir, word).filter((path) => path.includes('maestro.db'));
  let erased;
  {
    await using house = await openHouse({ dataDir: data });
    const tenant = await landed(house, place.dir, 'atlas', SECRET);
    await landed(house, place.dir, 'borea', 'keptWord');
    await worked(house);
    expect((await allTasks(house)).map(({ state }) => state)).toEqual(['landed', 'landed']);
    expect(holding(data, SECRET).length).toBeGreaterThan(1);
    expect(await told(house)).toContain(SECRET);
    for (const id of ['atlas', 'borea']) await leftFolder(house, id);
    cpSync(data, copy, { recursive: true });

    erased = await eraseTenant(house, tenant, ada);

    expect(await verifyAudit(house)).toMatchObject({ ok: true, failures: [] });
    expect(await verifyLog(house, [])).toMatchObject({ ok: true, failures: [] });
    expect(await finishErasure(house, tenant.id)).toBe(true);
    await expect(createTenant(house, tenantDefaults(house, 'atlas'), ada)).rejects.toMatchObject({
      code: 'TENANT_ERASED',
    });
    expect((await allTasks(house)).map(({ tenant: id }) => id)).toEqual(['borea']);
    expect((await createTenant(house, tenantDefaults(house, 'cirrus'), ada)).ordinal).toBe(3);
    expect(await told(house)).not.toContain(SECRET);
  }
  expect(erased).toMatchObject({ tenant: 'atlas', statements: 6 });
  expect(holding(data, SECRET)).toEqual([]);
  expect(holding(data, 'keptWord').length).toBeGreaterThan(1);
  expect(readdirSync(join(data, 'work', 'runs'))).toHaveLength(1);
  expect([inStore(copy, SECRET), inStore(copy, 'keptWord')]).toEqual([[], []]);
  await restoreAndEraseAgain(data, copy);
});

/** The copy of the store with the keys of today. */
async function restoreAndEraseAgain(data: string, copy: string): Promise<void> {
  rmSync(join(copy, 'keys'), { recursive: true });
  cpSync(join(data, 'keys'), join(copy, 'keys'), { recursive: true });
  await using restored = await openHouse({ dataDir: copy });
  expect(await told(restored)).not.toContain(SECRET);
  expect((await allTasks(restored)).map(({ state }) => state)).toEqual(['landed', 'landed']);

  await eraseTenant(restored, await getTenant(restored, 'atlas'), ada);

  expect(await verifyAudit(restored)).toMatchObject({ ok: true, failures: [] });
  expect(await verifyLog(restored, [])).toMatchObject({ ok: true, failures: [] });
  expect((await allTasks(restored)).map(({ tenant }) => tenant)).toEqual(['borea']);
}

it('an erasure that a crash cut short is finished when it is asked for again: folders and key go', async () => {
  using place = scratchFolder();
  const data = join(place.dir, 'data');
  await using house = await openHouse({ dataDir: data });
  const tenant = await createTenant(house, tenantDefaults(house, 'atlas'), ada);
  mkdirSync(join(data, 'repos', 'atlas'), { recursive: true });
  await house.store.truth.tx((tx) => eraseRows(tx, tenant, house.clock.now()));
  const left = () => [existsSync(join(data, 'keys', 'data', 'atlas.key')), existsSync(join(data, 'repos', 'atlas'))];
  expect(left()).toEqual([true, true]);

  expect([await finishErasure(house, tenant.id), await finishErasure(house, tenant.id)]).toEqual([true, true]);

  expect(left()).toEqual([false, false]);
});

it('an erasure that a crash cut short is finished by housekeeping, without anybody asking', async () => {
  using place = scratchFolder();
  const data = join(place.dir, 'data');
  await using house = await openHouse({ dataDir: data });
  const [atlas, borea] = [
    await createTenant(house, tenantDefaults(house, 'atlas'), ada),
    await createTenant(house, tenantDefaults(house, 'borea'), ada),
  ];
  for (const { id } of [atlas, borea]) mkdirSync(join(data, 'repos', id), { recursive: true });
  await house.store.truth.tx((tx) => eraseRows(tx, atlas, house.clock.now()));

  await new Housekeeping(house).round();

  const left = (id: string) =>
    [join('keys', 'data', `${id}.key`), join('repos', id)].map((path) => existsSync(join(data, path)));
  expect([left('atlas'), left('borea')]).toEqual([
    [false, false],
    [true, true],
  ]);
});

it('a statement that was emptied without an erasure is found', async () => {
  using place = scratchFolder();
  await using house = await openHouse({ dataDir: join(place.dir, 'data') });
  await createTenant(house, tenantDefaults(house, 'atlas'), ada);
  await house.sealAudit();

  await house.store.truth.run("update evidence_statement set bundle = ''");

  expect((await verifyLog(house, [])).ok).toBe(false);
});

it('every table with rows of a tenant says what an erasure does with them', async () => {
  await using store = await openedStore();

  const tables = await store.truth.all<{ name: string }>(
    "select m.name as name from sqlite_master m join pragma_table_info(m.name) c where m.type = 'table' and c.name = 'tenant' order by m.name",
  );

  expect(tables.map(({ name }) => name)).toEqual(Object.keys(TENANT_TABLES).sort());
});

async function openedStore() {
  const store = await openStore({ engine: 'sqlite', path: ':memory:' });
  return { ...store, truth: store.truth, [Symbol.asyncDispose]: () => store.close() };
}
