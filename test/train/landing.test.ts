import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
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
/** Tests long enough for all to be in the line before the first one lands. */
const SLOW = `setTimeout(() => {\n${CHECK}}, 1000);\n`;
/** Tests that end only once the file is there. */
const gated = (file: string): string => `const once = setInterval(() => {
if (!require('node:fs').existsSync(${JSON.stringify(file)})) return;
clearInterval(once);
${CHECK}}, 50);
`;

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
async function worker(
  orders: Partial<Pick<Orders, 'die' | 'depth' | 'inOrder'>> & { readonly changes: readonly Change[] },
) {
  const all: Orders = {
    dataDir,
    owner: `worker-${++workers}`,
    maxRounds: 60,
    depth: 8,
    inOrder: false,
    leaseMs: orders.die === undefined ? 30_000 : 2_000,
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

async function taken(name: string, check = CHECK): Promise<Repository> {
  const source = repository(join(folder.dir, name), {
    'check.js': check,
    'list.txt': listWith([]),
    'parts/.keep': '',
    name,
  });
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

/** `CHANGES` changes of one repository that do not conflict. */
async function opened(repo: Repository): Promise<readonly Change[]> {
  const change = (i: number) => openedChange(place, repo, `${repo.name}-${i}-`, part(listOf(repo), i));
  return Promise.all(Array.from({ length: CHANGES }, (_, i) => change(i)));
}

/** Until so many changes of the repository have their candidates in the line. */
async function inLine(repo: Repository, count: number): Promise<void> {
  const made = () => place.store.truth.all('select tip from landing_line where repo = $1 and tip is not null', repo.id);
  await expect.poll(made, { timeout: 60_000, interval: 20 }).toHaveLength(count);
}

/** How often tests were run to land each change; what the cache knew is not counted. */
async function testRuns(changes: readonly Change[]): Promise<readonly number[]> {
  const query = `select step.result from step join run on run.id = step.run where run.task = $1 and step.name like 'land.test%'`;
  const counts: number[] = [];
  for (const { task } of changes) {
    const reports = await place.store.truth.all<{ result: string }>(query, task);
    counts.push(reports.filter(({ result }) => !(JSON.parse(result) as { cached: boolean }).cached).length);
  }
  return counts;
}

const sum = (counts: readonly number[]): number => counts.reduce((all, n) => all + n, 0);

describe(`${CHANGES} changes that land on one repository at once, from four processes`, () => {
  const lines: [string, number][] = [
    ['each on top of the one ahead', 8],
    ['one after another', 1],
    ['every one for itself', 0],
  ];
  it.each(sized(lines.slice(0, 1), lines))(
    'all land, %s, with the very trees that were tested',
    async (_, depth) => {
      const repo = await taken(`busy${depth}`, SLOW);
      const changes = await opened(repo);

      const since = Date.now();
      const done = await Promise.all(
        [0, 1, 2, 3].map((w) => worker({ depth, changes: changes.filter((_, i) => i % 4 === w) })),
      );
      const took = Date.now() - since;

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
      const runs = sum(await testRuns(changes));
      process.stdout.write(`${CHANGES} landings, depth ${depth}: ${runs} test runs, ${took} ms\n`);
      if (depth > 0) expect(runs).toBe(CHANGES);
      else expect(runs).toBeGreaterThan(2 * CHANGES);
      expect(git(place.repoDir(repo.id), 'fsck', '--strict')).not.toContain('error');
    },
    240_000,
  );
});

describe('one red change in the middle of the line', () => {
  it('costs each of those behind it one more test run, and is blamed alone', async () => {
    const gate = join(folder.dir, 'red-gate');
    const repo = await taken('red', gated(gate));
    const changes = [...(await opened(repo))];
    const red = await openedChange(place, repo, 'red-itself', { 'red.txt': 'x' });
    changes.splice(3, 0, red);

    const landing = worker({ changes, inOrder: true, depth: 99 });
    await inLine(repo, changes.length);
    writeFileSync(gate, '');
    const { results, err } = await landing;

    expect(err).toBe('');
    expect(await testRuns(changes)).toEqual(changes.map((_, i) => (i > 3 ? 2 : 1)));
    expect(landings(repo).map(({ change }) => change)).toEqual(
      changes.filter((each) => each !== red).map(({ id }) => id),
    );
    const ahead = landings(repo)[2]?.commit ?? 'none';
    expect(results.find(({ id }) => id === red.id)?.end).toMatchObject({
      kind: 'needs_human',
      rounds: 1,
      reasons: [{ code: 'CANDIDATE_RED', msg: expect.stringContaining(ahead) }],
    });
  }, 120_000);
});

describe('somebody outside of the line who moves main', () => {
  it.runIf(sized(false, true))('costs the whole line one more test run, in the same order', async () => {
    const gate = join(folder.dir, 'pushed-gate');
    const repo = await taken('pushed', gated(gate));
    const changes = (await opened(repo)).slice(0, 3);
    const landing = worker({ changes, inOrder: true });
    await inLine(repo, 3);
    const to = await commitInBare(place, repo.id, repo.head, { pushed: 'x' });
    await place.forge.moveBranch({ repo: repo.id, branch: 'main', from: repo.head, to });
    writeFileSync(gate, '');

    expect((await landing).err).toBe('');

    expect(landings(repo).map(({ change }) => change)).toEqual(['', ...changes.map(({ id }) => id)]);
    expect(await testRuns(changes)).toEqual([2, 2, 2]);
  });
});

describe('a worker that is killed while it stands in the line', () => {
  it('holds those behind it up for its lease only, and its change lands later, once', async () => {
    const repo = await taken('lost', SLOW);
    const [first, ...others] = await opened(repo);
    if (first === undefined) throw new Error('no change');

    const killed = worker({ changes: [first], die: { step: 'land.test.1', phase: 'during' } });
    await expect
      .poll(async () => place.store.truth.all('select 1 as n from landing_line'), { timeout: 20_000 })
      .toHaveLength(1);
    const after = await worker({ changes: others });
    const late = await worker({ changes: [first] });

    expect([(await killed).signal, after.err, late.err]).toEqual(['SIGKILL', '', '']);
    expect(
      landings(repo)
        .map(({ change }) => change)
        .at(-1),
    ).toBe(first.id);
    expect(landings(repo)).toHaveLength(CHANGES);
    expect(Math.max(...(await testRuns(others)))).toBeLessThanOrEqual(2);
  }, 120_000);
});

describe('a worker that is killed while it lands', () => {
  const all = ['basis', 'prepare', 'test', 'turn', 'move', 'read_back'];
  const steps = sized(['prepare', 'turn', 'move'], all).map((step) => `land.${step}.1`);
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

  it.skipIf(sized(true, false)).each(points)(
    '$phase $step behind another landing: both land once, in their order',
    async (die) => {
      const name = `behind-${die.step.replaceAll(/[._]/g, '-')}-${die.phase}`;
      const repo = await taken(name, SLOW);
      const [ahead, change] = [
        await openedChange(place, repo, `${name}-1`, part(listOf(repo), 1)),
        await openedChange(place, repo, `${name}-2`, part(listOf(repo), 2)),
      ];
      const first = worker({ changes: [ahead] });
      const joined = () => place.store.truth.all('select 1 as n from landing_line where repo = $1', repo.id);
      await expect.poll(joined, { timeout: 20_000, interval: 20 }).toHaveLength(1);

      const killed = await worker({ changes: [change], die });
      const next = await worker({ changes: [change] });

      expect([(await first).err, killed.signal, next.code, next.err]).toEqual(['', 'SIGKILL', 0, '']);
      expect(landings(repo).map((each) => each.change)).toEqual([ahead.id, change.id]);
      const runs = await testRuns([ahead, change]);
      expect([runs[0], (runs[1] ?? 9) <= 2]).toEqual([1, true]);
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
