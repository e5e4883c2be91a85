import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { gitOn } from '#adapters/git/run.ts';
import { sweepScratch } from '#adapters/git/scratch.ts';
import { GitTrees } from '#adapters/git/trees.ts';
import { type Files, git, oid, repository, scratchFolder } from './scratch.ts';

const folder = scratchFolder();
const root = join(folder.dir, 'trees');
const client = gitOn({ searchPath: process.env['PATH'] ?? '' });
const trees = new GitTrees({ git: client, root, userOf: () => undefined });
let count = 0;

afterAll(() => folder[Symbol.dispose]());

function bare(files: Files): { repoDir: string; tree: ReturnType<typeof oid> } {
  const dir = repository(join(folder.dir, `r${++count}`), files);
  return { repoDir: join(dir, '.git'), tree: oid(dir, 'HEAD^{tree}') };
}

describe('files of one tree', () => {
  it('are byte for byte those of the tree, whatever attributes and filters say', async () => {
    const dir = repository(join(folder.dir, 'attributes'), { 'plain.txt': 'a\nb\n', 'crlf.txt': 'a\r\nb\r\n' });
    const raw = Buffer.from('$Id$ \xe9\r\nx\n', 'latin1');
    writeFileSync(join(dir, 'raw.txt'), raw);
    git(dir, 'add', '-A');
    git(dir, 'commit', '-qm', 'raw');
    // The attributes come last, so that they change nothing on the way in.
    writeFileSync(
      join(dir, '.gitattributes'),
      '* text eol=crlf ident\n*.txt export-ignore filter=evil export-subst\nraw.txt working-tree-encoding=UTF-16\n',
    );
    const attributes = git(dir, 'hash-object', '-w', '--no-filters', '.gitattributes');
    git(dir, 'update-index', '--add', '--cacheinfo', `100644,${attributes},.gitattributes`);
    const marker = join(folder.dir, 'filter-ran');
    git(dir, 'config', 'filter.evil.smudge', `touch ${marker}`);
    git(dir, 'config', 'core.autocrlf', 'true');

    const files = await trees.materialise({
      repoDir: join(dir, '.git'),
      tree: oid(dir, git(dir, 'write-tree')),
      ordinal: 1,
    });

    expect(readFileSync(join(files.dir, 'raw.txt'))).toEqual(raw);
    expect(readFileSync(join(files.dir, 'plain.txt'), 'utf8')).toBe('a\nb\n');
    expect(readFileSync(join(files.dir, 'crlf.txt'), 'utf8')).toBe('a\r\nb\r\n');
    expect(readdirSync(files.dir).sort()).toEqual(['.gitattributes', 'crlf.txt', 'plain.txt', 'raw.txt']);
    expect(existsSync(marker)).toBe(false);
    await files.remove();
  });

  it('keep links as links, programs executable, and names of any bytes', async () => {
    const name = Buffer.concat([Buffer.from(`${join(folder.dir, 'odd')}/`), Buffer.from([0x66, 0xe9, 0xff])]);
    const dir = repository(join(folder.dir, 'odd'), {
      'run.sh': '#!/bin/sh\n',
      outside: { link: '/etc/passwd' },
      'back\\slash.txt': 'b',
      'a\nb': 'n',
    });
    writeFileSync(name, 'odd');
    execFileSync('chmod', ['+x', join(dir, 'run.sh')]);
    git(dir, 'add', '-A');
    git(dir, 'commit', '-qm', 'odd');

    const files = await trees.materialise({ repoDir: join(dir, '.git'), tree: oid(dir, 'HEAD^{tree}'), ordinal: 1 });

    expect(readlinkSync(join(files.dir, 'outside'))).toBe('/etc/passwd');
    expect(lstatSync(join(files.dir, 'run.sh')).mode & 0o777).toBe(0o755);
    expect(readFileSync(join(files.dir, 'a\nb'), 'utf8')).toBe('n');
    expect(readFileSync(join(files.dir, 'back\\slash.txt'), 'utf8')).toBe('b');
    const names = readdirSync(files.dir, { encoding: 'buffer' }).map((each) => each.toString('latin1'));
    expect(names).toContain('f\xe9\xff');
    await files.remove();
  });

  it('never hold a `.git`, and a tree that has one is refused', async () => {
    const { repoDir, tree } = bare({ 'a.txt': 'a' });
    const files = await trees.materialise({ repoDir, tree, ordinal: 1 });
    const evil = execFileSync('git', ['mktree'], {
      cwd: repoDir,
      encoding: 'utf8',
      input: `040000 tree ${tree}\t.git\n`,
    }).trim();

    expect(readdirSync(files.dir)).toEqual(['a.txt']);
    await expect(trees.materialise({ repoDir, tree: evil as typeof tree, ordinal: 1 })).rejects.toThrow('.git');
    await files.remove();
  });

  it.skipIf(process.getuid?.() !== 0)('belong to the tenant, links too, and not what links lead to', async () => {
    const { repoDir, tree } = bare({ 'deep/a.txt': 'a', out: { link: join(folder.dir, 'mine') } });
    writeFileSync(join(folder.dir, 'mine'), '');
    const owned = new GitTrees({ git: client, root, userOf: (ordinal) => 20_000 + ordinal });

    const files = await owned.materialise({ repoDir, tree, ordinal: 7 });

    expect(['', 'deep', 'deep/a.txt', 'out'].map((path) => lstatSync(join(files.dir, path)).uid)).toEqual(
      Array.from({ length: 4 }, () => 20_007),
    );
    expect(lstatSync(join(folder.dir, 'mine')).uid).toBe(0);
    await files.remove();
  });

  it('are gone when they are removed, read-only folders too, and nothing else is', async () => {
    const { repoDir, tree } = bare({ 'deep/a.txt': 'a', out: { link: folder.dir } });
    const [one, two] = [
      await trees.materialise({ repoDir, tree, ordinal: 1 }),
      await trees.materialise({ repoDir, tree, ordinal: 1 }),
    ];
    execFileSync('chmod', ['0', join(one.dir, 'deep')]);

    await one.remove();

    expect(existsSync(one.dir)).toBe(false);
    expect(existsSync(join(two.dir, 'deep/a.txt'))).toBe(true);
    await two.remove();
    expect(readdirSync(root)).toEqual([]);
  });

  it('left by processes that are gone are swept, those of living ones stay', async () => {
    const dead = execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }).trim();
    const [old, mine, other] = [`tree-${dead}-abc`, `tree-${process.pid}-abc`, 'keep'].map((name) => join(root, name));
    for (const dir of [old, mine, other]) mkdirSync(join(dir ?? '', 'files'), { recursive: true });

    expect(await sweepScratch(root, 'tree')).toEqual([`tree-${dead}-abc`]);
    expect([old, mine, other].map((dir) => existsSync(dir ?? ''))).toEqual([false, true, true]);
    for (const dir of [mine, other]) execFileSync('rm', ['-r', dir ?? '']);
  });
});
