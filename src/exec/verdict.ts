import type { Reason } from '#domain/reason.ts';
import type { TestReport } from '#domain/test-report.ts';
import { reason } from './reasons.ts';
import { tellingLines } from './telling-lines.ts';

/** What the tests say about a change. `needs_human`: they cannot decide it. */
export type Verdict = {
  readonly kind: 'passed' | 'failed' | 'needs_human';
  readonly reasons: readonly Reason[];
};

/** Judges a change by the same tests on its base and on its own tree; a red base is never blamed on the change. */
export function judge(before: TestReport, after: TestReport): Verdict {
  if (after.outcome === 'unknown') return { kind: 'needs_human', reasons: after.reasons };
  if (after.outcome === 'failed') {
    if (before.outcome === 'passed') return { kind: 'failed', reasons: [failed(after)] };
    return { kind: 'needs_human', reasons: before.outcome === 'failed' ? [baseRed(before)] : before.reasons };
  }
  if (before.testsPassed !== null && (after.testsPassed ?? 0) < before.testsPassed) {
    const now = after.testsPassed === null ? 'no number of tests was told' : `${after.testsPassed} tests passed`;
    const msg = `${now} with the change, ${before.testsPassed} passed before it`;
    return { kind: 'needs_human', reasons: [reason('FEWER_TESTS_PASSED', 'change.tests', msg)] };
  }
  return { kind: 'passed', reasons: [] };
}

/** Judges the base alone, before any work is done on it. */
export function judgeBase(before: TestReport): Verdict {
  if (before.outcome === 'passed') return { kind: 'passed', reasons: [] };
  return { kind: 'needs_human', reasons: before.outcome === 'failed' ? [baseRed(before)] : before.reasons };
}

function failed(report: TestReport): Reason {
  return reason('TESTS_FAILED', 'change.tests', `${commandOf(report)} failed twice on the change: ${ending(report)}`);
}

function baseRed(report: TestReport): Reason {
  return reason('BASE_RED', 'repo.head', `${commandOf(report)} fails without the change already: ${ending(report)}`);
}

function commandOf(report: TestReport): string {
  return `\`${report.command.join(' ')}\``;
}

function ending(report: TestReport): string {
  const how = report.exitCode === null ? 'ended by a signal' : `exit code ${report.exitCode}`;
  const said = tellingLines(report.outputTail);
  return said === '' ? how : `${how}; it said: ${said}`;
}
