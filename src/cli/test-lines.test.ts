import { expect, it } from 'vitest';
import type { AttemptDocument, TestsDocument } from '#app/views/task-tests.ts';
import type { GitOid } from '#domain/ids.ts';
import { testLines } from './test-lines.ts';

let count = 0;
const attempt = (
  outcome: AttemptDocument['outcome'],
  stdout: string,
  more: { stderr?: string; whole?: boolean } = {},
): AttemptDocument => ({
  outcome,
  exitCode: outcome === 'failed' ? 1 : outcome === 'passed' ? 0 : null,
  wallMs: 1200,
  outputSha256: `d${++count}`,
  output: { stdout, stderr: '', whole: true, ...more },
});

const tests = (more: Partial<TestsDocument>): TestsDocument => ({
  run: 'run_1',
  step: 'verify',
  at: 1,
  tested: 'change',
  tree: '0123456789abcdef' as GitOid,
  command: ['npm', 'test'],
  outcome: 'failed',
  flaky: false,
  wallMs: 2400,
  cached: false,
  passed: 3,
  sandbox: 'bubblewrap',
  reasons: [],
  attempts: [attempt('failed', 'first\n'), attempt('failed', 'second\n')],
  ...more,
});

it('shows one row each, and what the last attempt printed', () => {
  expect(testLines([tests({})], 'task_1', false).split('\n')).toEqual([
    'RUN    STEP    TESTED  TREE          OUTCOME       PASSED  TIME   FROM        COMMAND',
    'run_1  verify  change  0123456789ab  failed twice  3       2.4 s  bubblewrap  npm test',
    '',
    'change (verify), attempt 2: failed, exit code 1',
    '--- standard output',
    'second',
    '',
    'Everything that they printed: maestro task tests task_1 --output',
  ]);
});

it('shows the end of long output, and all of it where that is asked for', () => {
  const text = Array.from({ length: 100 }, (_, i) => `line ${i}\n`).join('');
  const found = [tests({ attempts: [attempt('unknown', text, { stderr: 'warned\n'.repeat(30), whole: false })] })];

  const short = testLines(found, 'task_1', false);
  const all = testLines(found, 'task_1', true);

  expect(short).toContain('unknown, ended by a signal or stopped; the beginning is not kept\n');
  expect(short).toContain('\n--- standard output (the last 40 of 100 lines)\nline 60\n');
  expect(short).toContain('\nline 99\n--- standard error (the last 20 of 30 lines)\nwarned\n');
  expect(short).not.toContain('\nline 59\n');
  expect(all).toContain('--- standard output\nline 0\n');
  expect(all).not.toContain('--output');
});

it('shows why a flaky test failed first, and what passed only where all is asked for', () => {
  const flaky = { outcome: 'passed', flaky: true } as const;
  const found = [tests({ ...flaky, attempts: [attempt('failed', 'race lost'), attempt('passed', 'all well')] })];

  expect(testLines(found, 'task_1', false)).toMatch(
    /passed \(flaky\)[^]*attempt 1: failed, exit code 1\n--- standard output\nrace lost/,
  );
  expect(testLines(found, 'task_1', false)).not.toContain('all well');
  expect(testLines(found, 'task_1', true)).toContain('attempt 2: passed, exit code 0\n--- standard output\nall well');
});

it('shows an output once, and says where it came again from the cache', () => {
  const change = tests({ attempts: [attempt('failed', 'lost')] });
  const landing = { ...change, step: 'land.test.1', tested: 'landing', cached: true } as const;

  expect(testLines([change, landing], 'task_1', true).split('\n').slice(4)).toEqual([
    'change (verify), attempt 1: failed, exit code 1',
    '--- standard output',
    'lost',
    '',
    'landing (land.test.1), attempt 1: failed, exit code 1; it printed what change (verify), attempt 1 did',
  ]);
});

it('says where nothing ran, nothing was printed, or there is no command', () => {
  const reasons = [{ code: 'NO_TEST_COMMAND', msg: 'there is none', field: 'repo', fix: 'add one' }];
  const none = tests({ outcome: 'unknown', command: [], passed: null, attempts: [], reasons, cached: true });

  expect(testLines([], 'task_1', false)).toBe('No tests have run for this task.');
  expect(testLines([tests({ attempts: [attempt('failed', '')] })], 'task_1', false)).toContain(
    'attempt 1: failed, exit code 1; it printed nothing',
  );
  expect(testLines([none], 'task_1', false)).toMatch(/unknown +- +2\.4 s +cache +-\n\nchange \(verify\)\n {2}NO_TEST/);
});
