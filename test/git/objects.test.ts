import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gitOn } from '#adapters/git/run.ts';
import { GitObjectStore } from '#adapters/git/objects.ts';
import type { GitOid } from '#domain/ids.ts';
import { commit, commitOn, git, oid, repository, scratchFolder } from './scratch.ts';

const folder = scratchFolder();
const dir = join(folder.dir, 'repo');
const repoDir = join(dir, '.git');
const objects = new GitObjectStore({ git: gitOn({ searchPath: process.env['PATH'] ?? '' }) });
const text = 'one\ntwo\nthree\nfour\nfive\nsix\nseven\n';
let base: GitOid;

beforeAll(() => {
  repository(dir, { 'a.txt': text, 'bin.dat': Buffer.from([0, 1, 2]), 'latin.txt': Buffer.from([0x68, 0xe9]) });
  base = oid(dir, 'HEAD');
});
afterAll(() => folder[Symbol.dispose]());

describe('reading', () => {
  it('gives the tree of a commit, its parents and its message', async () => {
    const child = commitOn(dir, 'child', base, { 'b.txt': 'b' });

    expect(await objects.treeOf(repoDir, child)).toBe(git(dir, 'rev-parse', `${child}^{tree}`));
    expect(await objects.readCommit(repoDir, child)).toEqual({
      tree: git(dir, 'rev-parse', `${child}^{tree}`),
      parents: [base],
      message: 'child',
    });
  });

  it('names an object that is not there', async () => {
    const nothing = 'd'.repeat(40) as GitOid;

    await expect(objects.treeOf(repoDir, nothing)).rejects.toMatchObject({ code: 'OBJECT_MISSING' });
    expect((await objects.readBlobs(repoDir, [nothing])).size).toBe(0);
  });

  it('reads text, and says of bytes that they are none', async () => {
    expect(await objects.readFile(repoDir, base, 'a.txt')).toEqual({ bytes: text.length, text });
    expect(await objects.readFile(repoDir, base, 'bin.dat')).toEqual({ bytes: 3, text: null });
    expect(await objects.readFile(repoDir, base, 'latin.txt')).toEqual({ bytes: 2, text: null });
    expect(await objects.readFile(repoDir, base, 'no\nsuch')).toBeUndefined();
  });

  it('does not read a file beyond the limit', async () => {
    const big = commitOn(dir, 'big', base, { 'big.txt': 'x'.repeat(5 * 1024 * 1024) });

    expect(await objects.readFile(repoDir, big, 'big.txt')).toEqual({ bytes: 5 * 1024 * 1024, text: null });
  });

  it('finds ancestors and merge bases', async () => {
    const left = commitOn(dir, 'left', base, { l: 'l' });
    const right = commitOn(dir, 'right', base, { r: 'r' });

    expect(await objects.isAncestor(repoDir, base, left)).toBe(true);
    expect(await objects.isAncestor(repoDir, left, right)).toBe(false);
    expect(await objects.mergeBase(repoDir, left, right)).toBe(base);
  });
});

describe('differences', () => {
  it('tells what was added, deleted, renamed, made binary, and how large it is', async () => {
    const from = commitOn(dir, 'diff-a', base, { 'old/name.txt': text, 'gone.txt': 'x', 'we\tird\n.txt': 'x' });
    git(dir, 'checkout', '-q', 'diff-a');
    git(dir, 'mv', 'old/name.txt', 'new.txt');
    const to = commit(dir, {
      'new.txt': text.replace('two', 'zwei'),
      'gone.txt': null,
      'we\tird\n.txt': 'yy',
      'bin.dat': Buffer.from([0, 9]),
      link: { link: 'a.txt' },
    });
    git(dir, 'checkout', '-q', 'main');

    const files = await objects.changedFiles(repoDir, from, to);

    const facts = files.map(({ before, after, addedLines, deletedLines, bytes }) => [
      before?.path ?? null,
      after === null ? null : `${after.path} ${after.mode}`,
      addedLines,
      deletedLines,
      bytes,
    ]);
    expect(facts.sort()).toEqual(
      [
        ['bin.dat', 'bin.dat 100644', null, null, 2],
        ['gone.txt', null, 0, 1, 0],
        ['old/name.txt', 'new.txt 100644', 1, 1, text.length + 1],
        ['we\tird\n.txt', 'we\tird\n.txt 100644', 1, 1, 2],
        [null, 'link 120000', 1, 0, 5],
      ].sort(),
    );
  });

  it('writes a patch that git applies to get the same tree, binary files and links too', async () => {
    const to = commitOn(dir, 'patch', base, {
      'bin.dat': Buffer.from([0, 255, 7]),
      l: { link: 'a.txt' },
      'a.txt': 'x\n',
    });
    writeFileSync(join(folder.dir, 'p'), await objects.patch(repoDir, base, to));
    git(dir, 'checkout', '-q', '--detach', base);

    git(dir, 'apply', '--index', join(folder.dir, 'p'));

    expect(git(dir, 'write-tree')).toBe(await objects.treeOf(repoDir, to));
    git(dir, 'reset', '-q', '--hard');
    git(dir, 'checkout', '-q', 'main');
  });

  it('knows equal patches on other bases, and tells apart binary content, paths and modes', async () => {
    const moved = commitOn(dir, 'moved', base, { other: 'x', 'a.txt': `zero\n${text}` });
    const idOf = async (from: GitOid, name: string, files: Parameters<typeof commit>[1]): Promise<string> =>
      objects.patchId(repoDir, from, commitOn(dir, name, from, files));

    const here = await idOf(base, 'p1', { 'a.txt': text.replace('six', '6') });
    const there = await idOf(moved, 'p2', { 'a.txt': `zero\n${text.replace('six', '6')}` });
    const binaries = [
      await idOf(base, 'p3', { 'bin.dat': Buffer.from([0, 5]) }),
      await idOf(base, 'p4', { 'bin.dat': Buffer.from([0, 6]) }),
    ];
    const links = [await idOf(base, 'p5', { n: 'a.txt' }), await idOf(base, 'p6', { n: { link: 'a.txt' } })];

    expect(here).toBe(there);
    expect(new Set([here, ...binaries, ...links]).size).toBe(5);
  });
});

describe('merging', () => {
  it('merges what does not touch', async () => {
    const ours = commitOn(dir, 'm1', base, { 'a.txt': text.replace('one', '1') });
    const theirs = commitOn(dir, 'm2', base, { 'a.txt': text.replace('seven', '7') });

    const merged = await objects.mergeTree(repoDir, { ours, theirs });

    expect(merged.kind).toBe('clean');
    expect((await objects.readFile(repoDir, merged.tree, 'a.txt'))?.text).toBe(
      text.replace('one', '1').replace('seven', '7'),
    );
  });

  it('tells conflicts of contents from the others', async () => {
    const ours = commitOn(dir, 'c1', base, { 'a.txt': text.replace('two', 'zwei'), 'bin.dat': null, added: 'a' });
    const theirs = commitOn(dir, 'c2', base, { 'a.txt': text.replace('two', 'deux'), 'bin.dat': 'text', added: 'b' });

    const merged = await objects.mergeTree(repoDir, { ours, theirs });

    const conflicts = merged.kind === 'conflict' ? merged.files.map((file) => [file.path, file.contentOnly]) : [];
    expect(conflicts.sort()).toEqual([
      ['a.txt', true],
      ['added', false],
      ['bin.dat', false],
    ]);
  });

  it('never calls a conflict of names one of contents', async () => {
    const rename = (branch: string, to: string): GitOid => {
      git(dir, 'checkout', '-q', '-B', branch, base);
      git(dir, 'mv', 'a.txt', to);
      const made = commit(dir, {});
      git(dir, 'checkout', '-q', 'main');
      return made;
    };

    const merged = await objects.mergeTree(repoDir, { ours: rename('r1', 'x.txt'), theirs: rename('r2', 'y.txt') });

    expect(merged.kind === 'conflict' && merged.files.every((file) => !file.contentOnly)).toBe(true);
  });

  it('merges over a base that is told, as for carrying one change elsewhere', async () => {
    const first = commitOn(dir, 'f1', base, { 'a.txt': text.replace('one', '1') });
    const second = commitOn(dir, 'f2', first, { 'a.txt': text.replace('one', '1').replace('six', '6') });

    const merged = await objects.mergeTree(repoDir, { base: first, ours: base, theirs: second });

    expect((await objects.readFile(repoDir, merged.tree, 'a.txt'))?.text).toBe(text.replace('six', '6'));
  });
});

describe('writing', () => {
  it('makes the same commit from the same facts, by the fixed identity', async () => {
    const tree = await objects.treeOf(repoDir, base);
    const facts = { tree, parents: [base], message: 'Größe\n\nTask: t1\n', at: 1_700_000_000_999 };

    const made = await objects.commitTree(repoDir, facts);

    expect(await objects.commitTree(repoDir, facts)).toBe(made);
    expect(git(dir, 'log', '-1', '--format=%an <%ae> %ct %B', made)).toBe(
      'Maestro Conductor <maestro@localhost> 1700000000 Größe\n\nTask: t1',
    );
  });

  it('replaces and adds files, keeps modes and all other files', async () => {
    git(dir, 'checkout', '-q', '-B', 'modes', base);
    commit(dir, { 'run.sh': 'a' });
    git(dir, 'update-index', '--chmod=+x', 'run.sh');
    git(dir, 'commit', '-q', '-m', 'x');
    const from = await objects.treeOf(repoDir, oid(dir, 'HEAD'));
    git(dir, 'reset', '-q', '--hard');
    git(dir, 'checkout', '-q', 'main');

    const tree = await objects.writeFiles(repoDir, from, [
      { path: 'run.sh', text: 'b' },
      { path: 'deep/new.txt', text: 'n' },
    ]);

    const files = await objects.changedFiles(repoDir, from, tree);
    expect(files.map(({ after }) => `${after?.path} ${after?.mode}`).sort()).toEqual([
      'deep/new.txt 100644',
      'run.sh 100755',
    ]);
    await expect(objects.writeFiles(repoDir, from, [{ path: '../out', text: '' }])).rejects.toThrow('../out');
    await expect(objects.writeFiles(repoDir, from, [{ path: '.git/config', text: '' }])).rejects.toThrow('.git/config');
  });
});
