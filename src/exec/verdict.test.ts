import { describe, expect, it } from 'vitest';
import type { GitOid } from '#domain/ids.ts';
import type { TestReport } from '#domain/test-report.ts';
import { reason } from './reasons.ts';
import { judge, judgeBase } from './verdict.ts';

function report(outcome: TestReport['outcome'], facts: Partial<TestReport> = {}): TestReport {
  return {
    tree: 'a'.repeat(40) as GitOid,
    command: ['npm', 'test'],
    outcome,
    flaky: false,
    attempts: [],
    testsPassed: null,
    reasons: outcome === 'unknown' ? [reason('TEST_TIMEOUT', 'repo.testCommand', 'too slow')] : [],
    exitCode: outcome === 'passed' ? 0 : 1,
    wallMs: 1,
    cpuMs: 1,
    outputTail: '',
    outputDigest: '',
    environmentKey: 'empty',
    sandbox: { kind: 'process', network: 'open', filesystem: 'open', limits: [], warnings: [] },
    actionDigest: '',
    cached: false,
    ...facts,
  };
}

describe('judging a change by its tests', () => {
  it.each([
    ['passed', 'passed', 'passed', []],
    ['failed', 'passed', 'passed', []],
    ['unknown', 'passed', 'passed', []],
    ['passed', 'failed', 'failed', ['TESTS_FAILED']],
    ['failed', 'failed', 'needs_human', ['BASE_RED']],
    ['unknown', 'failed', 'needs_human', ['TEST_TIMEOUT']],
    ['passed', 'unknown', 'needs_human', ['TEST_TIMEOUT']],
  ] as const)('base %s and change %s: %s %j', (before, after, kind, codes) => {
    const verdict = judge(report(before), report(after));

    expect(verdict.kind).toBe(kind);
    expect(verdict.reasons.map((reason) => reason.code)).toEqual(codes);
  });

  it('asks a person when fewer tests passed than before', () => {
    const verdict = judge(report('passed', { testsPassed: 12 }), report('passed', { testsPassed: 11 }));

    expect(verdict).toMatchObject({ kind: 'needs_human', reasons: [{ code: 'FEWER_TESTS_PASSED' }] });
  });

  it('asks a person when the tests told before how many passed, and tell nothing now', () => {
    const verdict = judge(report('passed', { testsPassed: 12 }), report('passed'));

    expect(verdict).toMatchObject({ kind: 'needs_human', reasons: [{ code: 'FEWER_TESTS_PASSED' }] });
  });

  it('asks a person before any work when the base is red or unknown', () => {
    expect(judgeBase(report('failed')).reasons[0]?.code).toBe('BASE_RED');
    expect(judgeBase(report('unknown')).reasons[0]?.code).toBe('TEST_TIMEOUT');
    expect(judgeBase(report('passed')).kind).toBe('passed');
  });
});
