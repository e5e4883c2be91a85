import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, openHouse } from '#app/open.ts';
import { person } from '#app/governance/principals.ts';
import { addRepo } from '#app/tenants/repositories.ts';
import { createTenant, tenantDefaults } from '#app/tenants/tenants.ts';
import { cleanWork } from '#app/upkeep/clean-work.ts';
import { Housekeeping } from '#app/upkeep/housekeeping.ts';
import type { RunId, TaskId } from '#domain/ids.ts';
import type { Repository } from '#domain/repository.ts';
import type { Tenant } from '#domain/tenant.ts';
import type { Run } from '#journal/index.ts';
import { git, repository, scratchFolder } from '../git/scratch.ts';

const ada = person('ada');
const HOUR = 3_600_000;
const folder = scratchFolder();
const runs = join(folder.dir, 'data', 'work', 'runs');
const trees = join(folder.dir, 'data', 'work', 'trees');
let house: House & AsyncDisposable;
let tenant: Tenant;
let repo: Repository;

beforeAll(async () => {
  house = await openHouse({ dataDir: join(folder.dir, 'data') });
  tenant = await createTenant(house, tenantDefaults(house, 'acme'), ada);
  const origin = repository(join(folder.dir, 'shop'), { 'a.txt': 'one\n' });
  ({ repo } = await addRepo(house, { tenant, origin, by: ada }));
});
afterAll(async () => {
  await house?.[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

/** A run that has a folder with work in it, kept by a checkpoint. */
async function working(): Promise<Run> {
  const task = house.ids.next('task') as TaskId;
  const order = { tenant: tenant.id, task, owner: 'killed', leaseMs: 60_000, begin: async () => true };
  const run = await house.journal.open(order);
  if (run === undefined) throw new Error('the run was not opened');
  await withFolder(run.record.id);
  return run;
}

async function withFolder(run: RunId): Promise<void> {
  const request = { run, repoDir: house.repoDir(repo.id), base: repo.head, ordinal: tenant.ordinal };
  const workspace = await house.workspaces.create(request);
  writeFileSync(join(workspace.dir, 'b.txt'), run);
  await house.workspaces.checkpoint(workspace, 1, 'work');
}

/** A run whose worker was killed between the end of the run and the removal of its folder. */
async function closed(hoursAgo: number): Promise<RunId> {
  const run = await working();
  await run.close(async () => undefined);
  const { id } = run.record;
  await house.store.truth.run('update run set finished_at = finished_at - $2 where id = $1', id, hoursAgo * HOUR);
  return id;
}

const checkpoints = (): readonly string[] =>
  git(house.repoDir(repo.id), 'for-each-ref', '--format=%(refname:lstrip=3)', 'refs/maestro/ckpt').split('\n');
const sorted = (...names: string[]): string[] => names.toSorted();

describe('what killed workers left behind', () => {
  it('goes with its checkpoints once the run is closed on record; open and unknown runs keep everything', async () => {
    const open = (await working()).record.id;
    const ending = await closed(0);
    const unknown = 'run_unknown' as RunId;
    await withFolder(unknown);
    const [old, halfRemoved, halfMade] = [await closed(2), await closed(2), await closed(2)];
    rmSync(join(runs, halfRemoved, 'git', 'repository')); // its checkpoints go before it does
    git(house.repoDir(repo.id), 'update-ref', '-d', `refs/maestro/ckpt/${halfRemoved}/1`);
    mkdirSync(join(runs, `${halfMade}.half`));
    mkdirSync(join(runs, `${open}.half`));

    await cleanWork(house);

    expect(readdirSync(runs).toSorted()).toEqual(sorted(open, `${open}.half`, ending, unknown));
    expect(checkpoints()).toEqual(sorted(open, ending, unknown).map((run) => `${run}/1`));
    expect(existsSync(join(runs, old))).toBe(false);
    expect(existsSync(join(runs, open, 'files', 'b.txt'))).toBe(true);
  });

  it('goes when it is files of a test that ran more than a day ago, whatever process has that pid now', async () => {
    const made = (name: string, hoursAgo: number): void => {
      mkdirSync(join(trees, name, 'files', 'closed'), { recursive: true });
      const at = (Date.now() - hoursAgo * HOUR) / 1000;
      utimesSync(join(trees, name), at, at);
    };
    made(`tree-${process.pid}-old`, 26);
    made(`tree-${process.pid}-now`, 1);
    made('other', 26);

    await cleanWork(house);

    expect(readdirSync(trees).toSorted()).toEqual(['other', `tree-${process.pid}-now`]);
  });

  it('goes without anybody asking, and what one folder hinders is done with the others', async () => {
    const [stuck, other] = [await closed(2), await closed(2)];
    const { workspaces } = house;
    const remove = async (run: RunId): Promise<void> => {
      if (run === stuck) throw new Error('the disk says no');
      await workspaces.remove(run);
    };

    await new Housekeeping({ ...house, workspaces: { ...workspaces, remove } }).round();

    expect([existsSync(join(runs, stuck)), existsSync(join(runs, other))]).toEqual([true, false]);
  });
});
