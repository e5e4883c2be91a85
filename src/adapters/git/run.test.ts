import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gitOn } from './run.ts';

const git = gitOn({ searchPath: process.env['PATH'] ?? '' });
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'git-run-'));
  await git.run({ args: ['init', '--bare', '-b', 'main', 'repo.git'], cwd: folder });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('running git', () => {
  it('gives the bytes that git printed', async () => {
    const gitDir = join(folder, 'repo.git');
    const bytes = Buffer.from([0x00, 0xff, 0x0a, 0x80]);

    const oid = await git.text({ args: ['hash-object', '-w', '--stdin'], gitDir, stdin: bytes });
    const back = await git.run({ args: ['cat-file', 'blob', oid], gitDir });

    expect(back.stdout.equals(bytes)).toBe(true);
  });

  it("reports a failure with git's own words", async () => {
    const gitDir = join(folder, 'repo.git');

    const failure = git.run({ args: ['rev-parse', '--verify', 'refs/heads/nothing'], gitDir });

    await expect(failure).rejects.toMatchObject({
      code: 'GIT_FAILED',
      message: expect.stringContaining('Needed a single revision'),
    });
  });

  it('tells what git said at last, without the lines of progress that it wrote over', async () => {
    const loud = "alias.loud=!printf '10%%\\r20%%\\rdone.\\nfatal: broken\\n' >&2; exit 3";

    const failing = git.run({ args: ['-c', loud, 'loud'], gitDir: join(folder, 'repo.git') });

    await expect(failing).rejects.toThrow('git loud failed (exit 3): done.\nfatal: broken');
  });

  it('takes an expected exit code as an answer', async () => {
    const gitDir = join(folder, 'repo.git');

    const output = await git.run({ args: ['show-ref', '--verify', '-q', 'refs/heads/x'], gitDir, accept: [0, 1] });

    expect(output.exitCode).toBe(1);
  });

  it('says so when git is not there', async () => {
    const nowhere = gitOn({ searchPath: join(folder, 'empty') });

    await expect(nowhere.run({ args: ['version'] })).rejects.toMatchObject({ code: 'GIT_MISSING' });
  });

  it('blames git, not its absence, when the folder is missing', async () => {
    await expect(git.run({ args: ['status'], cwd: join(folder, 'gone') })).rejects.toMatchObject({
      code: 'GIT_FAILED',
    });
  });

  it('runs no hook and no fsmonitor of a hostile repository', async () => {
    const dir = join(folder, 'hostile');
    await git.run({ args: ['init', '-b', 'main', dir] });
    const marker = join(folder, 'ran');
    await writeFile(join(dir, 'evil.sh'), `#!/bin/sh\ntouch ${marker}\n`, { mode: 0o755 });
    for (const hook of ['pre-commit', 'post-index-change', 'reference-transaction']) {
      await writeFile(join(dir, '.git/hooks', hook), `#!/bin/sh\ntouch ${marker}\n`, { mode: 0o755 });
    }
    await git.run({ args: ['config', 'core.fsmonitor', join(dir, 'evil.sh')], cwd: dir });

    const who = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@x', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@x' };
    await git.run({ args: ['add', '-A'], cwd: dir });
    await git.run({ args: ['commit', '-m', 'all'], cwd: dir, env: who });
    await git.run({ args: ['status'], cwd: dir });

    await expect(readFile(marker)).rejects.toThrow('ENOENT');
  });

  it('refuses transports that start programs', async () => {
    const clone = git.run({ args: ['clone', `ext::sh -c touch% ${join(folder, 'ext')}`, join(folder, 'c')] });

    await expect(clone).rejects.toThrow("transport 'ext' not allowed");
  });

  it('stops collecting at the limit', async () => {
    const gitDir = join(folder, 'repo.git');
    const big = await git.text({ args: ['hash-object', '-w', '--stdin'], gitDir, stdin: Buffer.alloc(300_000, 97) });

    const read = git.run({ args: ['cat-file', 'blob', big], gitDir, maxOutputBytes: 1000 });

    await expect(read).rejects.toMatchObject({ code: 'GIT_OUTPUT_TOO_LARGE' });
  });

  it('ends when the signal is aborted, with its reason', async () => {
    const stop = new AbortController();
    const waiting = git.run({ args: ['cat-file', '--batch'], gitDir: join(folder, 'repo.git'), signal: stop.signal });

    stop.abort(new Error('no longer wanted'));

    await expect(waiting).rejects.toThrow('no longer wanted');
  });
});
