import {
  appendFile,
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Workspace } from '#agents/ports.ts';
import type { GitOid, RunId } from '#domain/ids.ts';
import { systemClock } from '#kernel/clock.ts';
import { gitOn } from '#adapters/git/run.ts';
import { gitWorkspaces } from '#adapters/git/workspaces.ts';

const git = gitOn({ searchPath: process.env['PATH'] ?? '' });
const user = process.getuid?.() === 0 ? 20_007 : undefined;
const WHO = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@x', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@x' };
const ODD = Buffer.from([0x6f, 0xff, 0x64]);

let folder = '';
let repoDir = '';
let base: GitOid;
let runs = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'workspaces-'));
  repoDir = join(folder, 'repo.git');
  const origin = join(folder, 'origin');
  await git.run({ args: ['init', '-b', 'trunk', origin] });
  await mkdir(join(origin, 'src'));
  await writeFile(join(origin, 'src/a.txt'), 'one\n');
  await writeFile(join(origin, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 });
  await writeFile(join(origin, 'crlf.txt'), 'a\r\nb\r\n');
  await writeFile(join(origin, '.gitignore'), 'ignored/\n');
  await writeFile(Buffer.concat([Buffer.from(`${origin}/`), ODD]), 'odd');
  await symlink('/etc/passwd', join(origin, 'outside'));
  await git.run({ args: ['add', '-A'], cwd: origin });
  // Added after the file, as happens in real repositories: git would now want to store it without carriage returns.
  await writeFile(join(origin, '.gitattributes'), '* text=auto\n*.txt ident filter=upper\n');
  await git.run({ args: ['add', '.gitattributes'], cwd: origin });
  await git.run({ args: ['commit', '-q', '-m', 'base'], cwd: origin, env: WHO });
  await git.run({ args: ['clone', '-q', '--bare', origin, repoDir] });
  base = (await git.text({ args: ['rev-parse', 'HEAD'], gitDir: repoDir })) as GitOid;
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const workspaces = () => gitWorkspaces({ git, clock: systemClock, root: join(folder, 'work'), userOf: () => user });

async function fresh(): Promise<Workspace> {
  return workspaces().create({ run: `run_${++runs}` as RunId, repoDir, base, ordinal: 7 });
}

const inside = (workspace: Workspace, args: readonly string[]): Promise<string> =>
  git.text({ args, cwd: workspace.dir });
const inBare = (args: readonly string[]): Promise<string> => git.text({ args, gitDir: repoDir });
const at = (workspace: Workspace, path: string): string => join(workspace.dir, path);

describe('a workspace', () => {
  it('has the files of the base to the byte, with modes, links and odd names', async () => {
    const workspace = await fresh();

    expect(await readFile(at(workspace, 'crlf.txt'), 'utf8')).toBe('a\r\nb\r\n');
    expect((await stat(at(workspace, 'run.sh'))).mode & 0o111).toBe(0o111);
    expect(await readlink(at(workspace, 'outside'))).toBe('/etc/passwd');
    expect(await readdir(workspace.dir, { encoding: 'buffer' })).toContainEqual(ODD);
    expect(workspace.baseTree).toBe(await inBare(['rev-parse', `${base}^{tree}`]));
    expect(workspace.sharedObjects).toBe(join(repoDir, 'objects'));
  });

  it('belongs to the user of the sandbox', async () => {
    const workspace = await fresh();

    expect((await lstat(at(workspace, 'outside'))).uid).toBe(user ?? process.getuid?.());
  });

  it('has a git of its own for the programs inside, clean and on the base', async () => {
    const workspace = await fresh();
    const env = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'safe.directory', GIT_CONFIG_VALUE_0: '*' };

    const status = await git.text({ args: ['status', '--porcelain', '--branch'], cwd: workspace.dir, env });

    expect(status).toBe('## trunk');
  });

  it('is made once for a run, and found again as it was', async () => {
    const workspace = await fresh();
    await writeFile(at(workspace, 'new.txt'), 'kept');

    const again = await workspaces().create({ run: workspace.run, repoDir, base, ordinal: 7 });

    expect(again).toEqual(workspace);
    expect(await readFile(at(workspace, 'new.txt'), 'utf8')).toBe('kept');
  });

  it('is made anew when its making was cut off', async () => {
    await mkdir(join(folder, 'work/run_half.half/files'), { recursive: true });

    const workspace = await workspaces().create({ run: 'run_half' as RunId, repoDir, base, ordinal: 7 });

    expect(await readFile(at(workspace, 'src/a.txt'), 'utf8')).toBe('one\n');
    expect(await readdir(join(folder, 'work'))).not.toContain('run_half.half');
  });

  it('can be made many at once from one repository, which then never prunes', async () => {
    await git.run({ args: ['config', '--unset-all', 'gc.auto'], gitDir: repoDir, accept: [0, 5] });

    await Promise.all(Array.from({ length: 8 }, fresh));

    expect(await inBare(['config', '--local', 'gc.auto'])).toBe('0');
  });

  it('is refused for a repository with submodules', async () => {
    const tree = await git.text({
      args: ['mktree'],
      gitDir: repoDir,
      stdin: `160000 commit ${base}\tlib\n`,
    });
    const commit = (await git.text({ args: ['commit-tree', tree, '-m', 'x'], gitDir: repoDir, env: WHO })) as GitOid;

    const making = workspaces().create({ run: 'run_sub' as RunId, repoDir, base: commit, ordinal: 7 });

    await expect(making).rejects.toMatchObject({ code: 'WORKSPACE_SUBMODULES', details: { paths: ['lib'] } });
  });

  it('is refused for a run whose name would leave the folder', async () => {
    const making = workspaces().create({ run: '../x' as RunId, repoDir, base, ordinal: 7 });

    await expect(making).rejects.toThrow('not a run');
  });
});

describe('a checkpoint', () => {
  it('of an untouched workspace has the tree of the base', async () => {
    const workspace = await fresh();

    const checkpoint = await workspaces().checkpoint(workspace, 0, 'nothing');

    expect(checkpoint.tree).toBe(await inBare(['rev-parse', `${base}^{tree}`]));
  });

  it('holds what was added, changed, removed, linked and made executable, and nothing that is ignored', async () => {
    const workspace = await fresh();
    await writeFile(at(workspace, 'src/new.txt'), Buffer.from([0, 255, 13, 10]));
    await appendFile(at(workspace, 'src/a.txt'), 'two\n');
    await rm(at(workspace, 'crlf.txt'));
    await symlink('../../../etc', at(workspace, 'src/link'));
    await chmod(at(workspace, 'src/a.txt'), 0o755);
    await mkdir(at(workspace, 'ignored'));
    await writeFile(at(workspace, 'ignored/x'), 'x');

    const { commit } = await workspaces().checkpoint(workspace, 1, 'work');

    const changes = await inBare(['diff', '--raw', '--no-abbrev', base, commit]);
    const rows = changes.split('\n').map((row) => `${row.split(' ')[1]} ${row.split('\t')[1]}`);
    expect(rows).toEqual(['000000 crlf.txt', '100755 src/a.txt', '120000 src/link', '100644 src/new.txt']);
    expect(await inBare(['log', '-1', '--format=%P %s', commit])).toBe(`${base} work`);
    expect(await inBare(['rev-parse', `refs/maestro/ckpt/${workspace.run}/1`])).toBe(commit);
  });

  it('taken again of the same files is the same commit', async () => {
    const workspace = await fresh();
    await writeFile(at(workspace, 'new.txt'), 'x');
    const first = await workspaces().checkpoint(workspace, 1, 'work');

    await utimes(at(workspace, 'new.txt'), 1, 1);
    const second = await workspaces().checkpoint(workspace, 1, 'other words');

    expect(second).toEqual(first);
  });

  it('notices a change that keeps size and time', async () => {
    const workspace = await fresh();
    await workspaces().checkpoint(workspace, 1, 'before');
    const { atime, mtime } = await stat(at(workspace, 'src/a.txt'));

    await writeFile(at(workspace, 'src/a.txt'), 'uno\n');
    await utimes(at(workspace, 'src/a.txt'), atime, mtime);
    const { commit } = await workspaces().checkpoint(workspace, 2, 'after');

    expect(await inBare(['show', `${commit}:src/a.txt`])).toBe('uno');
  });

  it('runs nothing that the workspace asks for, whatever its git says', async () => {
    const workspace = await fresh();
    const marker = join(folder, 'ran');
    const evil = at(workspace, 'evil.sh');
    await writeFile(evil, `#!/bin/sh\ntouch ${marker}\ncat\n`, { mode: 0o755 });
    const config = `[core]\n\tfsmonitor = ${evil}\n\tworktree = /\n[filter "upper"]\n\tclean = ${evil}\n\tsmudge = ${evil}\n`;
    await appendFile(at(workspace, '.git/config'), config);
    await writeFile(at(workspace, '.git/objects/info/alternates'), '/etc\n');
    await writeFile(at(workspace, 'src/a.txt'), 'changed $Id$\n');

    const { commit } = await workspaces().checkpoint(workspace, 1, 'hostile');
    await workspaces().restore(workspace, commit);

    expect(await inBare(['show', `${commit}:src/a.txt`])).toBe('changed $Id$');
    expect(await readFile(at(workspace, 'src/a.txt'), 'utf8')).toBe('changed $Id$\n');
    await expect(lstat(marker)).rejects.toThrow('ENOENT');
  });

  it.each(['removed', 'a file that points elsewhere'])("does not need the workspace's git: %s", async (how) => {
    const workspace = await fresh();
    await rm(at(workspace, '.git'), { recursive: true });
    if (how !== 'removed') await writeFile(at(workspace, '.git'), `gitdir: ${repoDir}\n`);
    await writeFile(at(workspace, 'new.txt'), 'x');

    const { commit } = await workspaces().checkpoint(workspace, 1, 'work');

    expect(await inBare(['diff', '--name-only', base, commit])).toBe('new.txt');
  });

  it.each([true, false])('is refused when the task made a repository inside, with a commit: %s', async (withCommit) => {
    const workspace = await fresh();
    const nested = at(workspace, 'lib/nested');
    await git.run({ args: ['init', '-q', nested] });
    await writeFile(join(nested, 'x'), 'x');
    if (withCommit) {
      await git.run({ args: ['add', '-A'], cwd: nested });
      await git.run({ args: ['commit', '-q', '-m', 'x'], cwd: nested, env: WHO });
    }

    const checkpoint = workspaces().checkpoint(workspace, 1, 'work');

    await expect(checkpoint).rejects.toMatchObject({
      code: 'WORKSPACE_NESTED_REPOSITORY',
      details: { paths: ['lib/nested/'] },
    });
  });

  it('leaves out repositories in folders that are ignored', async () => {
    const workspace = await fresh();
    await git.run({ args: ['init', '-q', at(workspace, 'ignored/nested')] });

    const checkpoint = await workspaces().checkpoint(workspace, 1, 'work');

    expect(checkpoint.tree).toBe(await inBare(['rev-parse', `${base}^{tree}`]));
  });

  it('holds large files', async () => {
    const workspace = await fresh();
    await writeFile(at(workspace, 'large.bin'), Buffer.alloc(30_000_000, 'abc'));

    const { commit } = await workspaces().checkpoint(workspace, 1, 'large');

    expect(await inBare(['cat-file', '-s', `${commit}:large.bin`])).toBe('30000000');
  });
});

describe('restoring', () => {
  it('makes the files equal to the checkpoint, whatever they were', async () => {
    const workspace = await fresh();
    await writeFile(at(workspace, 'src/b.txt'), 'kept\n');
    const { commit, tree } = await workspaces().checkpoint(workspace, 1, 'work');
    await rm(at(workspace, '.git'), { recursive: true });
    await rm(at(workspace, 'src'), { recursive: true });
    await symlink(folder, at(workspace, 'src'));
    await writeFile(at(workspace, 'more.txt'), 'x');
    await mkdir(at(workspace, 'closed/inner'), { recursive: true });
    await chmod(at(workspace, 'closed'), 0o000);
    const before = await readdir(folder);

    await workspaces().restore(workspace, commit);

    expect((await workspaces().checkpoint(workspace, 2, 'same')).tree).toBe(tree);
    expect(await readdir(at(workspace, 'src'))).toEqual(['a.txt', 'b.txt']);
    expect((await lstat(at(workspace, 'src/b.txt'))).uid).toBe(user ?? process.getuid?.());
    expect(await readdir(folder)).toEqual(before);
    expect(await inside(workspace, ['--git-dir', at(workspace, '.git'), 'rev-parse', 'HEAD'])).toBe(base);
  });
});

describe('a lock that a killed git left', () => {
  it('is waited for as long as its git may live, and then taken away', async () => {
    const workspace = await fresh();
    const lock = join(folder, 'work', workspace.run, 'git/index.lock');
    let waits = 0;
    const clock = { now: () => systemClock.now(), sleep: async () => void waits++ };
    const patient = gitWorkspaces({ git, clock, root: join(folder, 'work'), userOf: () => user });
    const acts = [
      () => patient.checkpoint(workspace, 1, 'work'),
      () => patient.restore(workspace, base),
      () => patient.changes(workspace),
    ];

    for (const act of acts) {
      await writeFile(lock, '');
      await act();
    }

    expect(waits).toBe(300);
  });
});

describe('removing', () => {
  it('takes files and checkpoints away, twice as once', async () => {
    const workspace = await fresh();
    await workspaces().checkpoint(workspace, 1, 'work');
    await mkdir(at(workspace, 'closed/inner'), { recursive: true });
    await chmod(at(workspace, 'closed'), 0o000);

    await workspaces().remove(workspace.run);
    await workspaces().remove(workspace.run);

    expect(await readdir(join(folder, 'work'))).not.toContain(workspace.run);
    expect(await inBare(['for-each-ref', `refs/maestro/ckpt/${workspace.run}/`])).toBe('');
  });
});
