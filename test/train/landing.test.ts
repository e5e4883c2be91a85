import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Change } from '#domain/change.ts';
import type { Repository } from '#domain/repository.ts';
import type { LandingEnd } from '#train/index.ts';
import { commitInBare, openPlace, type Place } from '../git/place.ts';
import { git, repository, scratchFolder } from '../git/scratch.ts';
import { sized } from '../size.ts';
import type { Orders } from './lander.ts';
import { CHECK, listWith, openedChange } from './line.ts';

const folder = scratchFolder();
const dataDir = join(folder.dir, 'data');
const program = fileURLToPath(new URL('./lander.ts', import.meta.url));
const children = new Set<ChildProcess>();
let place: Place;
let workers = 0;
const CHANGES = sized(8, 20);

beforeAll(async () => {
  place = await openPlace(dataDir);
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await place.store.close();
  folder[Symbol.dispose]();
});

interface Landed {
  readonly id: string;
  readonly end: LandingEnd;
}

/** A worker process on the data directory; gives what it landed and how it ended. */
async function worker(orders: Pick<Orders, 'die'> & { readonly changes: readonly Change[] }) {
  const all: Orders = {
    dataDir,
    owner: `worker-${++workers}`,
    maxRounds: 60,
    ...orders,
    changes: orders.changes.map(({ id }) => id),
  };
  const child = spawn(process.execPath, [program, JSON.stringify(all)], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    child.on('close', (...how) => resolve(how)),
  );
  children.delete(child);
  const results = out
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Landed);
  return { code, signal, err, results };
}

async function taken(name: string): Promise<Repository> {
  const source = repository(join(folder.dir, name), { 'check.js': CHECK, 'list.txt': listWith([]), 'parts/.keep': '' });
  const repo = await place.add(source);
  const list = listWith([]).replace('-- 39\n-\n', '-- 39\n-\n.keep');
  const head = await commitInBare(place, repo.id, repo.head, { 'list.txt': list });
  await place.forge.moveBranch({ repo: repo.id, branch: 'main', from: repo.head, to: head });
  return { ...repo, head };
}

function part(list: string, i: number): { readonly [path: string]: string } {
  return { [`parts/p${i}.txt`]: `${i}\n`, 'list.txt': list.replace(`-- ${i}\n-\n`, `-- ${i}\n-\np${i}.txt`) };
}

const listOf = (repo: Repository): string => git(place.repoDir(repo.id), 'show', `${repo.head}:list.txt`) + '\n';

/** Commits of main above where the repository began, oldest first. */
function landings(repo: Repository) {
  const format = '--format=%H %P %T %(trailers:key=Maestro-Change,valueonly,separator=)';
  const text = git(place.repoDir(repo.id), 'log', '--reverse', format, `${repo.head}..main`);
  return (text === '' ? [] : text.split('\n')).map((line) => {
    const [commit = '', parent = '', tree = '', change = ''] = line.split(' ');
    return { commit, parent, tree, change };
  });
}

describe(`${CHANGES} changes that land on one repository at once, from four processes`, () => {
  it('all land, one after another, each with the very tree that was tested', async () => {
    const repo = await taken('busy');
    const changes = await Promise.all(
      Array.from({ length: CHANGES }, (_, i) => openedChange(place, repo, `busy${i}`, part(listOf(repo), i))),
    );

    const done = await Promise.all([0, 1, 2, 3].map((w) => worker({ changes: changes.filter((_, i) => i % 4 === w) })));

    expect(done.map(({ code, err }) => `${code} ${err}`)).toEqual(['0 ', '0 ', '0 ', '0 ']);
    const ends = new Map(done.flatMap(({ results }) => results).map(({ id, end }) => [id, end]));
    const line = landings(repo);
    expect(line.map(({ change }) => change).sort()).toEqual(changes.map(({ id }) => id as string).sort());
    expect(line.map(({ parent }) => parent)).toEqual([repo.head, ...line.slice(0, -1).map(({ commit }) => commit)]);
    for (const { commit, tree, change, parent } of line) {
      const end = ends.get(change);
      if (end?.kind !== 'landed') throw new Error(`${change}: ${JSON.stringify(end)}`);
      expect({ tested: end.report.tree, outcome: end.report.outcome, base: end.candidate.base }).toEqual({
        tested: tree,
        outcome: 'passed',
        base: parent,
      });
      expect([end.landedCommit, end.landedTree]).toEqual([commit, tree]);
      const [row] = await place.forge.list({ branch: changes.find(({ id }) => id === change)?.branch ?? '' });
      expect(row).toMatchObject({ id: change, state: 'landed', landedCommit: commit });
    }
    const files = git(place.repoDir(repo.id), 'ls-tree', '--name-only', 'main:parts').split('\n');
    expect(files).toHaveLength(CHANGES + 1);
    expect(Math.max(...[...ends.values()].map(({ rounds }) => rounds))).toBeGreaterThan(1);
    expect(git(place.repoDir(repo.id), 'fsck', '--strict')).not.toContain('error');
  }, 240_000);
});

describe('a worker that is killed while it lands', () => {
  const steps = ['land.prepare.1', 'land.test.1', 'land.move.1', 'land.read_back.1'];
  const phases = sized(['during'], ['before', 'during', 'after']);
  const points = steps.flatMap((step) => phases.map((phase) => ({ step, phase })));

  it.each(points)(
    '$phase $step: another one lands the change once',
    async (die) => {
      const name = `killed-${die.step.replaceAll(/[._]/g, '-')}-${die.phase}`;
      const repo = await taken(name);
      const change = await openedChange(place, repo, name, part(listOf(repo), 1));

      const killed = await worker({ changes: [change], die });
      const next = await worker({ changes: [change] });

      expect([killed.signal, killed.results, next.code, next.err]).toEqual(['SIGKILL', [], 0, '']);
      expect(next.results).toMatchObject([{ id: change.id, end: { kind: 'landed', rounds: 1 } }]);
      expect(landings(repo).map((each) => each.change)).toEqual([change.id]);
    },
    60_000,
  );

  it('after it moved main and before it could tell, under a change that came on top, has landed', async () => {
    const repo = await taken('covered');
    const [first, second] = [
      await openedChange(place, repo, 'covered1', part(listOf(repo), 1)),
      await openedChange(place, repo, 'covered2', part(listOf(repo), 2)),
    ];

    const killed = await worker({ changes: [first], die: { step: 'land.move.1', phase: 'during' } });
    const other = await worker({ changes: [second] });
    const next = await worker({ changes: [first] });

    expect([killed.signal, other.code, next.code, next.err]).toEqual(['SIGKILL', 0, 0, '']);
    expect(next.results).toMatchObject([{ end: { kind: 'landed', rounds: 1 } }]);
    expect(landings(repo).map((each) => each.change)).toEqual([first.id, second.id]);
  }, 60_000);

  it('before it moved main, and overtaken meanwhile, lands on top after another test', async () => {
    const repo = await taken('overtaken');
    const [first, second] = [
      await openedChange(place, repo, 'overtaken1', part(listOf(repo), 1)),
      await openedChange(place, repo, 'overtaken2', part(listOf(repo), 2)),
    ];

    await worker({ changes: [first], die: { step: 'land.move.1', phase: 'before' } });
    await worker({ changes: [second] });
    const next = await worker({ changes: [first] });

    expect(next.results).toMatchObject([{ end: { kind: 'landed', rounds: 2, candidate: { how: 'merged' } } }]);
    expect(landings(repo).map((each) => each.change)).toEqual([second.id, first.id]);
  }, 60_000);
});
