import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GitOid } from '#domain/ids.ts';
import type { Repository } from '#domain/repository.ts';
import type { Json } from '#kernel/json.ts';
import { gitLineMerger } from '#adapters/git-merge/index.ts';
import { gitOn } from '#adapters/git/index.ts';
import { mergeResolver } from '#merge/index.ts';
import { duplicateReason, landChange, type LandParts, move, readBack } from '#train/index.ts';
import type { MergeResolver } from '#train/ports.ts';
import { commitInBare, openPlace, type Place } from '../git/place.ts';
import { git, repository, scratchFolder } from '../git/scratch.ts';
import { CHECK, landParts, listWith, nobody, openedChange } from './line.ts';

const folder = scratchFolder();
let place: Place;
let parts: LandParts;
let count = 0;

beforeAll(async () => {
  place = await openPlace(join(folder.dir, 'data'));
  parts = await landParts(place);
});
afterAll(async () => {
  await place.store.close();
  folder[Symbol.dispose]();
});

const fresh = (): Promise<Repository> =>
  place
    .add(
      repository(join(folder.dir, `shop${++count}`), {
        'check.js': CHECK,
        'list.txt': listWith([]),
        'parts/p0.txt': 'x',
        'a.txt': 'one\ntwo\nthree\n',
      }),
    )
    .then(async (repo) => {
      const head = await commitInBare(place, repo.id, repo.head, { 'list.txt': listWith(['p0.txt']) });
      await place.forge.moveBranch({ repo: repo.id, branch: 'main', from: repo.head, to: head });
      return { ...repo, head };
    });

/** Without a journal: every step is done at once. */
const now = <T extends Json>(_: string, effect: (signal: AbortSignal) => Promise<T>): Promise<T> =>
  effect(new AbortController().signal);

async function land(
  repo: Repository,
  name: string,
  files: { readonly [path: string]: string },
  more: { with?: Partial<LandParts>; base?: GitOid; maxRounds?: number; confirmed?: readonly string[] } = {},
) {
  const change = await openedChange(place, repo, `${repo.name}-${name}`, files, more.base);
  const job = {
    change,
    repoDir: place.repoDir(repo.id),
    branch: 'main',
    ...(more.maxRounds === undefined ? {} : { maxRounds: more.maxRounds }),
    ...(more.confirmed === undefined ? {} : { confirmed: more.confirmed }),
  };
  return { change, end: await landChange({ ...parts, ...more.with }, job, now) };
}

describe('landing one change', () => {
  it('puts exactly the tested tree on main, in one commit that tells where it came from', async () => {
    const repo = await fresh();

    const { change, end } = await land(repo, 'plain', { 'a.txt': 'ONE\ntwo\nthree\n' });

    if (end.kind !== 'landed') throw new Error(JSON.stringify(end));
    const dir = place.repoDir(repo.id);
    expect(end.candidate).toMatchObject({ base: repo.head, how: 'as_proposed', tree: end.report.tree });
    expect(git(dir, 'rev-parse', 'main', 'main^{tree}', 'main^')).toBe(
      `${end.landedCommit}\n${end.report.tree}\n${repo.head}`,
    );
    expect(git(dir, 'log', '-1', '--format=%s%n%(trailers)', 'main').trim()).toBe(
      `Change of ${change.run}\nMaestro-Task: ${change.task}\nMaestro-Change: ${change.id}\nMaestro-Run: ${change.run}\nMaestro-Head: ${change.head}`,
    );
  });

  it('merges with what landed since, and tests that', async () => {
    const repo = await fresh();
    await land(repo, 'first', { 'a.txt': 'ONE\ntwo\nthree\n' });

    const { end } = await land(repo, 'second', { 'parts/p1.txt': 'x', 'list.txt': listWith(['p0.txt', 'p1.txt']) });

    expect(end).toMatchObject({ kind: 'landed', rounds: 1, candidate: { how: 'merged' }, report: { cached: false } });
    expect(git(place.repoDir(repo.id), 'show', 'main:a.txt')).toBe('ONE\ntwo\nthree');
  });

  it('leaves red, unknown and conflicting changes to a person, and main where it was', async () => {
    const repo = await fresh();
    await land(repo, 'first', { 'a.txt': 'ONE\ntwo\nthree\n' });
    const main = await place.forge.head(repo.id, 'main');

    const conflict = await land(repo, 'conflict', { 'a.txt': 'uno\ntwo\nthree\n' });
    const red = await land(repo, 'red', { 'red.txt': 'x' });
    const unknown = await land(repo, 'unknown', { 'check.js': 'process.exit(127)' });

    expect(conflict.end).toMatchObject({
      kind: 'needs_human',
      reasons: [
        { code: 'MERGE_CONFLICT', field: 'change.files["a.txt"]', msg: expect.stringContaining('no rule fits') },
      ],
    });
    expect(red.end).toMatchObject({ kind: 'needs_human', reasons: [{ code: 'CANDIDATE_RED' }] });
    expect(unknown.end).toMatchObject({ kind: 'needs_human', reasons: [{ code: 'TEST_PROGRAM_MISSING' }] });
    expect(await place.forge.head(repo.id, 'main')).toBe(main);
  });

  it('does not land two changes that are green alone and red together', async () => {
    const repo = await fresh();
    const strict = CHECK.replace(
      'missing.length > 0',
      'missing.length > 0 || (fs.existsSync("x1") && fs.existsSync("x2"))',
    );
    await land(repo, 'rule', { 'check.js': strict });
    await land(repo, 'one', { x1: '1' });
    const main = await place.forge.head(repo.id, 'main');

    const { end } = await land(repo, 'two', { x2: '2' });

    expect(end).toMatchObject({ kind: 'needs_human', reasons: [{ code: 'CANDIDATE_RED' }] });
    expect(await place.forge.head(repo.id, 'main')).toBe(main);
  });

  it('says so when all of it is on main already', async () => {
    const repo = await fresh();
    const files = { 'a.txt': 'ONE\ntwo\nthree\n' };
    await land(repo, 'first', files);

    const { change, end } = await land(repo, 'same', files);

    expect(end).toMatchObject({ kind: 'already_there', reasons: [{ code: 'NOTHING_LEFT' }] });
    expect(duplicateReason(await place.forge.twins(change))).toMatchObject({ code: 'DUPLICATE_CHANGE' });
    expect(duplicateReason([])).toBeUndefined();
  });

  it('does not land what was pushed after the checks, nor what shares no history', async () => {
    const repo = await fresh();
    const pushed = await openedChange(place, repo, `${repo.name}-pushed`, { p: '1' });
    const next = await commitInBare(place, repo.id, pushed.head, { p: '2' });
    await place.forge.pushBranch({ repo: repo.id, branch: pushed.branch, from: pushed.head, to: next });
    const root = await place.objects.commitTree(place.repoDir(repo.id), {
      tree: await place.objects.treeOf(place.repoDir(repo.id), next),
      parents: [],
      message: 'root',
      at: 0,
    });
    await place.forge.pushBranch({ repo: repo.id, branch: 'maestro/root', from: null, to: root });
    const alien = await place.forge.open({ ...pushed, branch: 'maestro/root', head: root });
    const job = { repoDir: place.repoDir(repo.id), branch: 'main' };

    const late = await landChange(parts, { ...job, change: pushed }, now);
    const strange = await landChange(parts, { ...job, change: alien }, now);

    expect(late).toMatchObject({ kind: 'needs_human', reasons: [{ code: 'CHANGE_PUSHED' }] });
    expect(strange).toMatchObject({
      kind: 'needs_human',
      reasons: [{ msg: expect.stringContaining('shares no commit') }],
    });
    expect(await landChange(parts, { ...job, change: pushed, branch: 'gone' }, now)).toMatchObject({
      reasons: [{ code: 'BRANCH_GONE' }],
    });
  });
});

describe('what a candidate needs', () => {
  it('is got ready for its own tree before its tests in every round, also when it lands as it was proposed', async () => {
    const repo = await fresh();
    const asked: string[] = [];
    let main: GitOid = repo.head;
    const verify: LandParts['verify'] = {
      equip: async ({ tree }) => {
        asked.push(`equip ${tree}`);
        return { kind: 'ready', with: null };
      },
      test: async (request, signal) => {
        asked.push(`test ${request.tree}`);
        const to = await commitInBare(place, repo.id, repo.head, { other: 'x' });
        if (main === repo.head) await place.forge.moveBranch({ repo: repo.id, branch: 'main', from: main, to });
        main = to;
        return parts.verify.test(request, signal);
      },
    };

    const { change, end } = await land(repo, 'overtaken', { b: 'b' }, { with: { verify } });

    if (end.kind !== 'landed') throw new Error(JSON.stringify(end));
    const proposed = await place.objects.treeOf(place.repoDir(repo.id), change.head);
    const merged = end.candidate.tree;
    expect([end.rounds, end.candidate.how]).toEqual([2, 'merged']);
    expect(asked).toEqual([`equip ${proposed}`, `test ${proposed}`, `equip ${merged}`, `test ${merged}`]);
  });
});

describe('what cannot be had', () => {
  it('is blamed on the change only once what it was made on has landed, and nothing is tested without it', async () => {
    const repo = await fresh();
    let [rounds, tests] = [0, 0];
    const cannot = { code: 'ENVIRONMENT_BUILD_FAILED', field: 'change', msg: 'no such version', fix: 'name another' };
    const verify: LandParts['verify'] = {
      equip: async () => {
        const to = await commitInBare(place, repo.id, repo.head, { other: 'x' });
        if (++rounds === 1) await place.forge.moveBranch({ repo: repo.id, branch: 'main', from: repo.head, to });
        return { kind: 'cannot', reasons: [cannot] };
      },
      test: (request, signal) => {
        tests += 1;
        return parts.verify.test(request, signal);
      },
    };

    const { end } = await land(repo, 'unequipped', { b: 'b' }, { with: { verify } });

    expect(end).toEqual({ kind: 'needs_human', rounds: 2, reasons: [cannot] });
    expect([rounds, tests]).toEqual([2, 0]);
  });
});

describe('conflicts', () => {
  const resolver = (tier: 'auto' | 'suggest'): MergeResolver => ({
    resolve: async ({ path, ours, theirs }) =>
      path === 'a.txt'
        ? {
            status: 'resolved',
            text: ours.replace('three', '') + theirs,
            tier,
            confidence: 0.97,
            rule: 'both',
            reasons: [],
          }
        : nobody.resolve({ path, base: '', ours, theirs }, { has: () => Promise.resolve(true) }),
  });

  it('are settled by the resolver where it is sure, and the result is tested like any other', async () => {
    const repo = await fresh();
    await land(repo, 'first', { 'a.txt': 'ONE\ntwo\nthree\n' });

    const { end } = await land(
      repo,
      'second',
      { 'a.txt': 'uno\ntwo\nthree\n', other: 'x' },
      { with: { resolver: resolver('auto') } },
    );

    expect(end).toMatchObject({
      kind: 'landed',
      candidate: { how: 'resolved', resolved: [{ path: 'a.txt', rule: 'both', confidence: 0.97 }] },
      report: { outcome: 'passed' },
    });
    const dir = place.repoDir(repo.id);
    expect(git(dir, 'show', 'main:a.txt')).toBe('ONE\ntwo\n\nuno\ntwo\nthree');
    expect(git(dir, 'show', 'main:other')).toBe('x');
    expect(git(dir, 'log', '-1', '--format=%B', 'main')).toContain('Maestro-Resolved: a.txt (both)');
  });

  it('need a person when one of them does, when the resolver only suggests, and when a file is more than text', async () => {
    const repo = await fresh();
    await land(repo, 'first', { 'a.txt': 'ONE\ntwo\nthree\n', 'check.js': `${CHECK}// 1\n`, added: 'a' });
    const files = { 'a.txt': 'uno\ntwo\nthree\n', 'check.js': `${CHECK}// 2\n`, added: 'b' };

    const some = await land(repo, 'some', files, { with: { resolver: resolver('auto') } });
    const suggested = await land(
      repo,
      'suggested',
      { 'a.txt': files['a.txt'] },
      { with: { resolver: resolver('suggest') } },
    );

    const asked = some.end.kind === 'needs_human' ? some.end.reasons.map(({ msg }) => msg) : [];
    expect(asked.sort()).toEqual([
      'added was changed on both sides: the file was added, deleted, renamed or changed in kind on both sides',
      'check.js was changed on both sides: no rule fits',
    ]);
    expect(suggested.end).toMatchObject({
      reasons: [
        { code: 'MERGE_PROPOSED', msg: expect.stringContaining('a merge is proposed: both (confidence 0.97)') },
      ],
    });
  });

  it('are kept as a commit on no branch for the person who is asked, with markers where nothing fits', async () => {
    const repo = await fresh();
    const main = await land(repo, 'first', { 'a.txt': 'ONE\ntwo\nthree\n', 'check.js': `${CHECK}// 1\n` });
    const files = { 'a.txt': 'uno\ntwo\nthree\n', 'check.js': `${CHECK}// 2\n` };

    const { end } = await land(repo, 'asked', files, { with: { resolver: resolver('suggest') } });

    if (end.kind !== 'needs_human' || end.merge === undefined) throw new Error(JSON.stringify(end));
    expect(end.merge.base).toBe(main.end.kind === 'landed' ? main.end.landedCommit : '');
    expect(end.merge.files).toMatchObject([
      { path: 'a.txt', tier: 'suggest', rule: 'both' },
      { path: 'check.js', tier: 'leave', reasons: ['no rule fits'] },
    ]);
    const dir = place.repoDir(repo.id);
    expect(git(dir, 'show', `${end.merge.commit}:a.txt`)).toBe('ONE\ntwo\n\nuno\ntwo\nthree');
    expect(git(dir, 'branch', '--contains', end.merge.commit)).toBe('');
  });

  it('land as proposed once a person has confirmed that very text, and not when it came out otherwise', async () => {
    const repo = await fresh();
    await land(repo, 'first', { 'a.txt': 'ONE\ntwo\nthree\n' });
    const told = (merged: string): MergeResolver => ({
      resolve: async (file, tree) => ({
        ...(await resolver('suggest').resolve(file, tree)),
        record: { digests: { base: '', ours: '', theirs: '', merged }, gates: [] },
      }),
    });
    const files = { 'a.txt': 'uno\ntwo\nthree\n' };

    const other = await land(repo, 'other', files, { with: { resolver: told('b') }, confirmed: ['a'] });
    const same = await land(repo, 'same', files, { with: { resolver: told('a') }, confirmed: ['a'] });

    expect(other.end).toMatchObject({ kind: 'needs_human', reasons: [{ code: 'MERGE_PROPOSED' }] });
    expect(same.end).toMatchObject({ kind: 'landed', candidate: { resolved: [{ path: 'a.txt', tier: 'suggest' }] } });
  });
});

describe('conflicts in code', () => {
  const main = (imports: string, body: string): string => `import { a } from './a.js';\n${imports}\na();\n${body}`;
  const withModules = async (): Promise<Repository> => {
    const repo = await fresh();
    await land(repo, 'modules', { 'main.js': main('', ''), 'a.js': 'export const a = () => 1;\n' });
    return { ...repo, head: (await place.forge.head(repo.id, 'main')) ?? repo.head };
  };
  const resolver = mergeResolver(gitLineMerger(gitOn({ searchPath: process.env['PATH'] ?? '' })));
  const sides = (name: string) => ({
    'main.js': main(`import { ${name} } from './${name}.js';\n`, `${name}();\n`),
    [`${name}.js`]: `export const ${name} = () => 2;\n`,
  });

  it('are merged by syntax, with rule, digests, gates and checks of types told', async () => {
    const repo = await withModules();
    const types = ['node', '-e', ''];
    const { verify } = await landParts(place, resolver, types);
    await land(
      repo,
      'b',
      { ...sides('b'), 'main.js': sides('b')['main.js'].replace('\nb();', '') },
      { base: repo.head },
    );

    const { end } = await land(
      repo,
      'c',
      { ...sides('c'), 'main.js': sides('c')['main.js'].replace('\nc();', '') },
      { with: { resolver, verify }, base: repo.head },
    );

    expect(end).toMatchObject({
      kind: 'landed',
      report: { command: ['node', 'check.js'], beside: [{ command: types }, { command: types }] },
      candidate: { how: 'resolved', resolved: [{ path: 'main.js', rule: 'imports' }] },
    });
    const resolved = end.kind === 'landed' ? end.candidate.resolved : [];
    expect(resolved[0]?.record?.digests.merged).toMatch(/^[0-9a-f]{64}$/);
    expect(resolved[0]?.record?.gates).toContainEqual({ gate: 'relative imports resolve', ok: true, detail: '' });
  });

  it('need a person when an import leads nowhere in the merged tree', async () => {
    const repo = await withModules();
    await land(
      repo,
      'b',
      { ...sides('b'), 'main.js': sides('b')['main.js'].replace('\nb();', '') },
      { base: repo.head },
    );
    const lost = { 'main.js': sides('c')['main.js'].replace('\nc();', '') };

    const { end } = await land(repo, 'c', lost, { with: { resolver }, base: repo.head });

    expect(end).toMatchObject({
      kind: 'needs_human',
      reasons: [{ msg: expect.stringContaining('no such file in the merged tree: ./c.js') }],
    });
  });

  it('need a person when the types of the merged tree no longer hold', async () => {
    const repo = await withModules();
    await land(
      repo,
      'b',
      { ...sides('b'), 'main.js': sides('b')['main.js'].replace('\nb();', '') },
      { base: repo.head },
    );
    const script = "process.exit(require('fs').existsSync('b.js') && require('fs').existsSync('c.js') ? 1 : 0)";
    const { verify } = await landParts(place, resolver, ['node', '-e', script]);

    const { end } = await land(
      repo,
      'c',
      { ...sides('c'), 'main.js': sides('c')['main.js'].replace('\nc();', '') },
      { with: { resolver, verify }, base: repo.head },
    );

    expect(end).toMatchObject({ kind: 'needs_human', reasons: [{ code: 'CANDIDATE_RED' }] });
  });
});

describe('a branch that moves', () => {
  it('is tested again on its new place, never forced, and left to a person after the last round', async () => {
    const repo = await fresh();
    let tests = 0;
    const overtaking: LandParts['verify'] = {
      test: async (request, signal) => {
        const report = await parts.verify.test(request, signal);
        const main = await place.forge.head(repo.id, 'main');
        if (main === undefined) throw new Error('main is gone');
        const to = await commitInBare(place, repo.id, main, { other: `${++tests}` });
        if (tests <= 3) await place.forge.moveBranch({ repo: repo.id, branch: 'main', from: main, to });
        return report;
      },
    };

    const beaten = await land(repo, 'beaten', { b: 'b' }, { with: { verify: overtaking }, maxRounds: 2 });
    const landed = await land(repo, 'landed', { c: 'c' }, { with: { verify: overtaking } });

    expect(beaten.end).toMatchObject({ kind: 'needs_human', rounds: 2, reasons: [{ code: 'LANDING_OVERTAKEN' }] });
    expect(landed.end).toMatchObject({ kind: 'landed', rounds: 2 });
    expect(git(place.repoDir(repo.id), 'show', 'main:other')).toBe('3');
    expect(git(place.repoDir(repo.id), 'log', '--format=%H', 'main').split('\n')).toHaveLength(6);
  });

  it('is not moved for a change that is pushed to while it is tested', async () => {
    const repo = await fresh();
    const change = await openedChange(place, repo, `${repo.name}-late`, { l: '1' });
    const next = await commitInBare(place, repo.id, change.head, { l: '2' });
    const pushing: LandParts['verify'] = {
      test: async (request, signal) => {
        await place.forge.pushBranch({ repo: repo.id, branch: change.branch, from: change.head, to: next });
        return parts.verify.test(request, signal);
      },
    };

    const end = await landChange(
      { ...parts, verify: pushing },
      { change, repoDir: place.repoDir(repo.id), branch: 'main' },
      now,
    );

    expect(end).toMatchObject({ kind: 'needs_human', reasons: [{ code: 'CHANGE_PUSHED' }] });
    expect(await place.forge.head(repo.id, 'main')).toBe(repo.head);
  });
});

describe('what lands is what was tested', () => {
  async function tampered() {
    const repo = await fresh();
    const change = await openedChange(place, repo, `${repo.name}-t`, { t: '1' });
    const job = { change, repoDir: place.repoDir(repo.id), branch: 'main' };
    const tree = await place.objects.treeOf(job.repoDir, change.head);
    const report = await parts.verify.test({ repo: repo.id, tree }, new AbortController().signal);
    const other = await commitInBare(place, repo.id, repo.head, { t: 'other' });
    const honest = {
      base: repo.head,
      onTopOf: null,
      commit: change.head,
      tree,
      how: 'as_proposed',
      resolved: [],
    } as const;
    return { repo, job, report, other, honest };
  }

  it('or main does not move: another tree, another commit, a red or unknown test', async () => {
    const { repo, job, report, other, honest } = await tampered();
    const otherTree = await place.objects.treeOf(job.repoDir, other);

    for (const [candidate, result] of [
      [{ ...honest, commit: other }, report],
      [{ ...honest, tree: otherTree, commit: other }, report],
      [honest, { ...report, tree: otherTree }],
      [honest, { ...report, outcome: 'failed' as const }],
      [honest, { ...report, outcome: 'unknown' as const }],
    ] as const) {
      await expect(move(parts, job, candidate, result)).rejects.toMatchObject({ code: 'CANDIDATE_UNTESTED' });
    }
    expect(await place.forge.head(repo.id, 'main')).toBe(repo.head);
    expect(await move(parts, job, honest, report)).toEqual({ kind: 'moved' });
  });

  it('or main is put back by compare-and-swap, loudly, when a forge landed something else', async () => {
    const { repo, job, other, honest } = await tampered();
    await place.forge.moveBranch({ repo: repo.id, branch: 'main', from: repo.head, to: other });

    const reading = readBack(parts, job, honest);

    await expect(reading).rejects.toMatchObject({
      code: 'LANDED_TREE_DIFFERS',
      details: { landed: other, reverted: true },
    });
    expect(await place.forge.head(repo.id, 'main')).toBe(repo.head);
  });

  it('and main is left to a person when others have landed on top of something else', async () => {
    const { repo, job, other, honest } = await tampered();
    const top = await commitInBare(place, repo.id, other, { top: 'x' });
    await place.forge.moveBranch({ repo: repo.id, branch: 'main', from: repo.head, to: top });

    await expect(readBack(parts, job, honest)).rejects.toMatchObject({
      code: 'LANDED_TREE_DIFFERS',
      details: { reverted: false },
    });
    expect(await place.forge.head(repo.id, 'main')).toBe(top);
  });
});
