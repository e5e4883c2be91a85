import { chmodSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GitTrees } from '#adapters/git/trees.ts';
import { detectSandbox } from '#adapters/sandbox/index.ts';
import { SqlActionCache, SqlTestOutputs } from '#adapters/sql/index.ts';
import { EMPTY_ENVIRONMENT } from '#domain/environment.ts';
import type { GitOid, TenantId } from '#domain/ids.ts';
import type { Sandbox, SandboxLimits } from '#domain/sandbox.ts';
import { systemClock } from '#kernel/clock.ts';
import { systemRandom } from '#kernel/random.ts';
import { DEFAULT_SIZE_LIMITS, inspectChange, judge, verifyTree, type VerifyRequest } from '#exec/index.ts';
import { commit, type Files, git, oid, repository, scratchFolder } from '../git/scratch.ts';
import { openPlace, type Place, tenant } from '../git/place.ts';

const folder = scratchFolder();
const limits: SandboxLimits = { wallMs: 60_000, memoryBytes: 4 << 30, processes: 256, outputBytes: 1 << 20 };
const searchPath = process.env['PATH'] ?? '';
const node = process.execPath;
let place: Place;
let printed: SqlTestOutputs;
let count = 0;

beforeAll(async () => {
  place = await openPlace(join(folder.dir, 'data'));
  printed = new SqlTestOutputs({ sql: place.store.truth, clock: systemClock });
});
afterAll(async () => {
  await place.store.close();
  folder[Symbol.dispose]();
});

const passing = {
  'package.json': JSON.stringify({ type: 'module', scripts: { test: 'node --test' } }),
  'add.js': 'export const add = (a, b) => a + b;\n',
  'add.test.js':
    "import test from 'node:test'; import assert from 'node:assert'; import { add } from './add.js';\ntest('adds', () => assert.equal(add(1, 2), 3));\n",
};

function taken(files: Files): { repoDir: string; tree: GitOid } {
  const dir = repository(join(folder.dir, `r${++count}`), files);
  return { repoDir: join(dir, '.git'), tree: oid(dir, 'HEAD^{tree}') };
}

for (const prefer of ['auto', 'process'] as const) {
  const sandbox = await detectSandbox({ clock: systemClock, random: systemRandom, node, searchPath, prefer });
  if (prefer === 'auto' && sandbox.profile.kind === 'process') console.log('skipped: no bubblewrap');
  else describe(`verifying in ${sandbox.profile.kind}`, () => suite(sandbox));
}

function suite(sandbox: Sandbox): void {
  const root = join(folder.dir, `trees-${sandbox.profile.kind}`);

  function verify(
    request: Partial<VerifyRequest> & { repoDir: string; tree: GitOid },
    more: { wallMs?: number; in?: Sandbox } = {},
    signal = new AbortController().signal,
  ) {
    const parts = {
      files: place.objects,
      trees: new GitTrees({ git: place.git, root, userOf: (ordinal) => sandbox.userOf(ordinal) }),
      cache: new SqlActionCache({ sql: place.store.truth, clock: systemClock }),
      outputs: printed,
      sandbox: more.in ?? sandbox,
      limits: { ...limits, wallMs: more.wallMs ?? limits.wallMs },
      nodeVersion: process.version,
    };
    return verifyTree(parts, { tenant, ordinal: 1, environment: EMPTY_ENVIRONMENT, ...request }, signal);
  }

  it('runs the tests of a tree once and takes an equal action from the cache, for this tenant only', async () => {
    const it = taken(passing);

    const first = await verify(it);
    const second = await verify(it);
    const foreign = await verify({ ...it, tenant: 'blue' as TenantId });

    expect(first).toMatchObject({
      outcome: 'passed',
      flaky: false,
      testsPassed: 1,
      command: ['npm', 'test'],
      cached: false,
    });
    expect(second).toEqual({ ...first, cached: true });
    expect(foreign.cached).toBe(false);
    expect(readdirSync(root)).toEqual([]);
  });

  it('runs a failing test once more and keeps both outcomes', async () => {
    const it = taken({ ...passing, 'add.js': 'export const add = (a, b) => a - b;\n' });

    const report = await verify(it);

    expect(report).toMatchObject({ outcome: 'failed', flaky: false, exitCode: 1, testsPassed: 0 });
    expect(report.attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'failed']);
    expect(report.outputTail).toContain('adds');
    for (const attempt of report.attempts) {
      const output = await printed.find(tenant, attempt);
      expect(output).toMatchObject({ whole: true, stdout: expect.stringContaining('add.test.js') });
      expect(await printed.find('blue' as TenantId, attempt)).toBeUndefined();
    }
    expect((await verify(it)).cached).toBe(true);
    const before = await verify(taken(passing));
    expect(judge(before, report)).toMatchObject({ kind: 'failed', reasons: [{ code: 'TESTS_FAILED' }] });
  });

  it('calls a test that fails and then passes flaky, each time on fresh files', async () => {
    // The same program cannot tell its first run from its second one, so this sandbox tells it.
    let runs = 0;
    const telling: Sandbox = {
      profile: sandbox.profile,
      userOf: (ordinal) => sandbox.userOf(ordinal),
      run: (command, signal) => sandbox.run({ ...command, env: { ...command.env, RUN: `${++runs}` } }, signal),
    };
    const program = `const fs = require('node:fs');
      if (fs.existsSync('left')) process.exit(3);
      fs.writeFileSync('left', '');
      process.exit(process.env.RUN === '1' ? 1 : 0);`;

    const report = await verify(
      { ...taken({ 'check.js': program }), testCommand: ['node', 'check.js'] },
      { in: telling },
    );

    expect(report.attempts.map(({ exitCode }) => exitCode)).toEqual([1, 0]);
    expect(report).toMatchObject({ outcome: 'passed', flaky: true });
  });

  it('is unknown, with the reason, when time is up; such a result is not kept', async () => {
    const it = taken({ 'slow.js': 'console.log("began"); setInterval(() => {}, 1000);' });
    const request = { ...it, testCommand: ['node', 'slow.js'] };

    const report = await verify(request, { wallMs: 1500 });

    expect(report).toMatchObject({ outcome: 'unknown', exitCode: null, reasons: [{ code: 'TEST_TIMEOUT' }] });
    expect(report.attempts).toHaveLength(1);
    for (const attempt of report.attempts) {
      expect(await printed.find(tenant, attempt)).toEqual({ stdout: 'began\n', stderr: '', whole: true });
    }
    expect((await verify(request, { wallMs: 1500 })).cached).toBe(false);
    expect(readdirSync(root)).toEqual([]);
  });

  it('is unknown when it is stopped, and when a program is not there', async () => {
    const it = taken({ 'slow.js': 'setInterval(() => {}, 1000);' });
    const stop = new AbortController();

    const stopping = verify({ ...it, testCommand: ['node', 'slow.js'] }, {}, stop.signal);
    setTimeout(() => stop.abort(), 1000);

    expect(await stopping).toMatchObject({ outcome: 'unknown', reasons: [{ code: 'TEST_ABORTED' }] });
    expect(await verify({ ...it, testCommand: ['no-such-program'] })).toMatchObject({
      outcome: 'unknown',
      reasons: [{ code: 'TEST_PROGRAM_MISSING' }],
    });
  });

  it('asks a person where there is no test command, and where the base is red already', async () => {
    const none = await verify(taken({ 'a.txt': 'a' }));
    const red = await verify(taken({ 'x.js': 'process.exit(1)', 'package.json': '{"scripts":{"test":"node x.js"}}' }));

    expect(none).toMatchObject({
      outcome: 'unknown',
      command: [],
      attempts: [],
      reasons: [{ code: 'NO_TEST_COMMAND' }],
    });
    expect(judge(none, none)).toMatchObject({ kind: 'needs_human', reasons: [{ code: 'NO_TEST_COMMAND' }] });
    expect(judge(red, red)).toMatchObject({ kind: 'needs_human', reasons: [{ code: 'BASE_RED' }] });
  });

  it('sees the files of the tree and nothing of the working tree that it came from', async () => {
    const it = taken({ 'see.js': "console.log(require('node:fs').readdirSync('.').join())" });
    writeFileSync(join(it.repoDir, '../untracked.txt'), '');

    const report = await verify({ ...it, testCommand: ['node', 'see.js'] });

    expect(report.outputTail.trim()).toBe('see.js');
  });
}

describe('inspecting a change', () => {
  it('asks every guard, and puts refusals first', async () => {
    const dir = repository(join(folder.dir, 'inspect'), {
      ...passing,
      'check.js': '1',
      'old.test.js': passing['add.test.js'],
    });
    const base = oid(dir, 'HEAD');
    mkdirSync(join(dir, '.github'), { recursive: true });
    chmodSync(join(dir, 'add.js'), 0o755);
    const head = commit(dir, {
      'add.test.js': 'import test from "node:test"; test.skip("adds");',
      'old.test.js': null,
      '.github/ci.yml': 'on: push',
      'package.json': JSON.stringify({ scripts: { test: 'true' } }),
      'vitest.config.ts': 'export default {}',
      'secrets/a': 'x',
      out: { link: '../../etc' },
      'big.txt': 'x\n'.repeat(20_001),
    });

    const findings = await inspectChange(place.objects, {
      repoDir: join(dir, '.git'),
      base,
      head,
      paths: { denied: ['secrets'], protected: [] },
      size: DEFAULT_SIZE_LIMITS,
    });

    expect(findings.map(({ ending, reason }) => `${ending} ${reason.code}`)).toEqual([
      'refused DENIED_PATH',
      'refused SYMLINK_OUTSIDE',
      'needs_human CHANGE_TOO_LARGE',
      'needs_human PROTECTED_PATH',
      'needs_human TESTS_SKIPPED',
      'needs_human ASSERTIONS_REMOVED',
      'needs_human TEST_FILE_DELETED',
      'needs_human TEST_COMMAND_CHANGED',
      'needs_human TEST_CONFIG_CHANGED',
    ]);
  });

  it('finds nothing in an ordinary change, and refuses an empty one', async () => {
    const dir = repository(join(folder.dir, 'plain'), passing);
    const base = oid(dir, 'HEAD');
    const head = commit(dir, {
      'add.js': 'export const plus = (a, b) => a + b;\n',
      'add.test.js': readFileSync(join(dir, 'add.test.js'), 'utf8')
        .replaceAll('add }', 'plus }')
        .replace('add(', 'plus('),
    });
    const request = {
      repoDir: join(dir, '.git'),
      base,
      head,
      paths: { denied: [], protected: [] },
      size: DEFAULT_SIZE_LIMITS,
    };

    expect(await inspectChange(place.objects, request)).toEqual([]);
    expect((await inspectChange(place.objects, { ...request, head: base })).map(({ reason }) => reason.code)).toEqual([
      'EMPTY_CHANGE',
    ]);
    expect(git(dir, 'status', '--porcelain')).toBe('');
  });
});
