import { describe, expect, it } from 'vitest';
import { seededRandom } from '#kernel/random.ts';
import type { ChangeId, GitOid } from '#domain/ids.ts';
import type { TestReport } from '#domain/test-report.ts';
import type { Prepared } from './candidate.ts';
import type { Candidate } from './landing.ts';
import {
  based,
  beginLanding,
  type LandingState,
  moved,
  prepared,
  readAs,
  standingOf,
  tested,
  turned,
} from './landing-state.ts';
import { reason } from './reasons.ts';

const oid = (n: number): GitOid => n.toString(16).padStart(40, '0') as GitOid;
const asks = [reason('MERGE_CONFLICT', 'x', 'y')];

function candidate(n: number): Candidate {
  return { base: oid(n), onTopOf: null, commit: oid(n + 1), tree: oid(n + 2), how: 'merged', resolved: [] };
}

function report(tree: GitOid, outcome: TestReport['outcome']): TestReport {
  return {
    tree,
    command: ['npm', 'test'],
    outcome,
    flaky: false,
    attempts: [],
    testsPassed: null,
    reasons: outcome === 'unknown' ? asks : [],
    exitCode: 0,
    wallMs: 1,
    cpuMs: 1,
    outputTail: '',
    outputDigest: '',
    environmentKey: 'empty',
    sandbox: { kind: 'process', network: 'open', filesystem: 'open', limits: [], warnings: [] },
    actionDigest: '',
    cached: false,
  };
}

function madeBy(kind: Prepared['kind'], course: number): Prepared {
  if (kind === 'candidate') return { kind, candidate: candidate(course * 10) };
  const { base, tree } = candidate(course * 10);
  if (kind !== 'locks') return { kind, base, reasons: asks };
  return {
    kind,
    draft: { base, onTopOf: null, tree, locks: [{ path: 'yarn.lock', base, ours: base, theirs: base }], resolved: [] },
  };
}

describe('a landing, over 3 000 random courses of events', () => {
  it('ends within its rounds, and lands only what was tested on the base that it moves from', () => {
    const random = seededRandom(11);
    const pick = <T>(...options: readonly T[]): T => options[random.integer(options.length)] as T;
    const ends = new Map<string, number>();
    for (let course = 0; course < 3000; course++) {
      const maxRounds = 1 + random.integer(4);
      let state: LandingState = beginLanding();
      let steps = 0;
      let prepares = 0;
      for (; state.at !== 'end'; steps++) {
        if (state.at === 'basis') {
          const on = pick(null, { commit: oid(course), change: 'chg_1' as ChangeId });
          state = based(state, state.look < 3 && pick(true, false) ? { kind: 'wait' } : { kind: 'begin', on });
        } else if (state.at === 'prepare') {
          prepares++;
          expect(state.round).toBe(prepares);
          state = prepared(
            state,
            madeBy(pick('candidate', 'candidate', 'locks', 'already_there', 'needs_human'), course),
          );
        } else if (state.at === 'locks') {
          expect(state.draft.locks).toHaveLength(1);
          state = prepared(state, madeBy(pick('candidate', 'candidate', 'already_there', 'needs_human'), course));
        } else if (state.at === 'test') {
          state = tested(state, report(state.candidate.tree, pick('passed', 'passed', 'passed', 'failed', 'unknown')));
        } else if (state.at === 'turn') {
          const { base, tip } = standingOf(state.verdict);
          expect(tip === base).toBe(state.verdict.kind === 'stuck');
          const answer = pick('go', 'go', 'anew', 'wait');
          state = turned(state, answer === 'wait' && state.look > 2 ? 'go' : answer, maxRounds);
        } else if (state.at === 'move') {
          expect(state.report).toMatchObject({ outcome: 'passed', tree: state.candidate.tree });
          const kind = pick('moved', 'base_moved', 'base_moved', 'needs_human');
          state = moved(state, kind === 'needs_human' ? { kind, reasons: asks } : { kind }, maxRounds);
        } else {
          state = readAs(state, { commit: state.candidate.commit, tree: state.candidate.tree });
        }
      }
      expect(steps).toBeLessThanOrEqual(maxRounds * 10 + 1);
      expect(state.end.rounds).toBeLessThanOrEqual(maxRounds);
      if (state.end.kind === 'landed') expect(state.end.report.tree).toBe(state.end.candidate.tree);
      else expect(state.end.reasons.length).toBeGreaterThan(0);
      ends.set(state.end.kind, (ends.get(state.end.kind) ?? 0) + 1);
    }
    expect([...ends.keys()].sort()).toEqual(['already_there', 'landed', 'needs_human']);
  });
});
