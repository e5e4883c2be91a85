import { spawn } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GREETING, json, maestro, repository, run, scratch } from './maestro.ts';

const MAESTRO = fileURLToPath(new URL('../../bin/maestro.js', import.meta.url));
const folder = scratch();
const data = join(folder.dir, 'data');
const at = (name: string): string => join(folder.dir, name);
const add = (path: string, ...more: readonly string[]) =>
  maestro(data, ['repo', 'add', '--tenant', 'one', path, ...more]);
const submit = (...words: readonly string[]) =>
  maestro(data, ['submit', '--tenant', 'one', '--repo', 'good', ...words]);
const rename = ['--recipe', 'rename-api', '--param', 'from=greet', '--param', 'to=welcome'];

beforeAll(async () => {
  await maestro(data, ['tenant', 'add', 'one']);
  await repository(at('good'), GREETING);
  await add(at('good'));
}, 60_000);
afterAll(() => folder[Symbol.dispose]());

describe('bad input', () => {
  it.each([
    ['not a git repository', 'plain', () => mkdirSync(at('plain'))],
    ['an empty repository', 'empty', () => run('git', ['init', '-q', at('empty')])],
    ['a path that is not there', 'nowhere', () => undefined],
  ])('%s is refused with code, cure and exit 2', async (_, name, make) => {
    await make();

    const refused = await add(at(name));

    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/^error [A-Z_]+: .+\n {2}cure: .+/);
  });

  it('a detached head is refused, and taken in with --branch', async () => {
    const dir = await repository(at('detached'), GREETING);
    await run('git', ['checkout', '-q', '--detach'], { cwd: dir });

    expect((await add(dir)).code).toBe(2);
    expect((await add(dir, '--branch', 'main')).code).toBe(0);
  });

  it('a dirty tree is taken in as committed, with a warning, and stays as it was', async () => {
    const dir = await repository(at('dirty'), GREETING);
    writeFileSync(join(dir, 'src/greet.js'), 'changed');

    const added = await add(dir);

    expect(added.code).toBe(0);
    expect(added.stderr).toContain('warning');
    expect((await run('git', ['status', '--porcelain'], { cwd: dir })).stdout).toBe(' M src/greet.js\n');
  });

  it('file names that are not UTF-8 and links that lead outside are taken in and kept', async () => {
    const dir = await repository(at('odd'), GREETING);
    writeFileSync(Buffer.concat([Buffer.from(`${dir}/`), Buffer.from([0xff, 0xfe]), Buffer.from('.txt')]), 'x');
    symlinkSync('/etc/passwd', join(dir, 'outside'));
    await run('git', ['add', '-A'], { cwd: dir });
    await run('git', ['-c', 'user.name=A', '-c', 'user.email=a@b', 'commit', '-qm', 'odd'], { cwd: dir });
    await add(dir);

    const task = await json<{ state: string }>(data, [
      'submit',
      '--tenant',
      'one',
      '--repo',
      'odd',
      ...rename,
      '--wait',
    ]);

    expect(task.state).toBe('landed');
  });

  it('a repository without a test command ends as needs_human or failed, and says so', async () => {
    await repository(at('untested'), {
      'package.json': '{ "name": "untested" }\n',
      'a.js': 'export const greet = 1;\n',
    });
    await add(at('untested'));

    const task = await json<{ state: string; reasons: { code: string; fix: string }[] }>(data, [
      'submit',
      '--tenant',
      'one',
      '--repo',
      'untested',
      ...rename,
      '--wait',
    ]);

    expect(task.state).toBe('needs_human');
    expect(task.reasons[0]?.code).toBe('NO_TEST_COMMAND');
  });

  it.each([
    ['an unknown recipe', ['--recipe', 'rename-apy', '--param', 'from=a'], 'rename-api'],
    ['an unknown parameter', ['--recipe', 'rename-api', '--param', 'frm=a', '--param', 'to=b'], 'from'],
    ['a missing parameter', ['--recipe', 'rename-api', '--param', 'from=a'], 'to'],
    ['a parameter without value', ['--recipe', 'rename-api', '--param', 'from'], 'name=value'],
    ['neither recipe nor agent', ['--prompt', 'do it'], '--recipe'],
  ])('%s is refused before anything is recorded', async (_, words, hint) => {
    const before = await json<unknown[]>(data, ['task', 'list']);

    const refused = await submit(...words);

    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('WORK_INVALID');
    expect(refused.stderr).toContain(hint);
    expect((await json<unknown[]>(data, ['task', 'list'])).length).toBe(before.length);
  });

  it('two submits with one key are one task; another request with that key is refused', async () => {
    const first = await json<{ task: string }>(data, [
      'submit',
      '--tenant',
      'one',
      '--repo',
      'good',
      ...rename,
      '--key',
      'k',
    ]);
    const second = await json<{ task: string }>(data, [
      'submit',
      '--tenant',
      'one',
      '--repo',
      'good',
      ...rename,
      '--key',
      'k',
    ]);

    const other = await submit('--recipe', 'rename-api', '--param', 'from=a', '--param', 'to=b', '--key', 'k');

    expect(second.task).toBe(first.task);
    expect(other.code).toBe(2);
    expect(other.stderr).toContain('TASK_KEY_REUSED');
  });

  it.each([
    ['weight zero', ['--weight', '0']],
    ['a negative weight', ['--weight', '-1']],
    ['a weight that is no number', ['--weight', 'heavy']],
    ['a budget below nothing', ['--budget-usd', '-5']],
    ['an objective of everything', ['--slo', '1']],
  ])('%s is refused', async (_, words) => {
    const refused = await maestro(data, ['tenant', 'add', 'two', ...words]);

    expect(refused.code).toBe(2);
  });

  it('an unknown command, flag or id is wrong usage with a hint', async () => {
    expect((await maestro(data, ['tenannt', 'list'])).stderr).toContain('tenant');
    expect((await maestro(data, ['tenant', 'list', '--josn'])).code).toBe(2);
    expect((await maestro(data, ['task', 'show', 'task_nope'])).code).toBe(2);
  });

  it('a nearly full disk stops admission and nothing else', async () => {
    const refused = await maestro(data, ['submit', '--tenant', 'one', '--repo', 'good', ...rename, '--key', 'full'], {
      MAESTRO_DISK_RESERVE: '900TiB',
    });

    expect(refused.code).toBe(4);
    expect(refused.stderr).toContain('DISK_LOW');
    expect((await maestro(data, ['task', 'list'])).code).toBe(0);
  });

  it('a data directory that cannot be written is a clear error', async () => {
    writeFileSync(at('file'), '');

    const refused = await maestro(join(at('file'), 'data'), ['tenant', 'list']);

    expect(refused.code).toBe(4);
    expect(refused.stderr).toMatch(/^error STORE_/);
  });

  it('a second `up` on one data directory is refused, a further worker is welcome', async () => {
    const up = spawn(process.execPath, [MAESTRO, 'up', '--port', '0', '--data-dir', data], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const ready = await new Promise<string>((resolve) =>
        up.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString())),
      );
      const { url, open } = JSON.parse(ready.split('\n')[0] ?? '') as { url: string; open: string };
      const signedIn = await fetch(open, { redirect: 'manual' });
      const headers = { cookie: signedIn.headers.get('set-cookie')?.split(';', 1)[0] ?? '' };

      const second = await maestro(data, ['up', '--port', '0']);
      const link = await maestro(data, ['sign-in']);
      const worker = await maestro(data, ['worker', '--until-idle']);
      const page = await fetch(url, { headers });
      const status = (await (await fetch(`${url}/status.json`, { headers })).json()) as { tasks: unknown[] };

      expect(second.code).toBe(2);
      expect(second.stderr).toContain('UP_RUNNING');
      expect(link.stdout).toMatch(new RegExp(`^${url}/sign-in`));
      expect(worker.code).toBe(0);
      expect(await page.text()).toContain('Maestro Conductor');
      expect(status.tasks.length).toBeGreaterThan(0);
    } finally {
      up.kill('SIGTERM');
      await new Promise((resolve) => up.once('exit', resolve));
    }
  });
});
