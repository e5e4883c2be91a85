import type { GitOid } from '#domain/ids.ts';
import type { Reason } from '#domain/reason.ts';
import type { TestReport } from '#domain/test-report.ts';
import type { Prepared } from './candidate.ts';
import type { Candidate, Draft, Unsettled } from './landing.ts';
import type { Basis, BasisAnswer, TurnAnswer } from './line.ts';
import type { MoveOutcome } from './move.ts';
import { reason } from './reasons.ts';

/**
 * How far a landing has come, and by that what is to be done next. Pure: the same results in the same order give the same
 * states, so that a journal can replay them. `round` counts from 1; a new one begins when someone else landed first, or
 * left the line ahead of it. `look` counts the steps of one wait.
 */
export type LandingState =
  | AtBasis
  | AtPrepare
  | AtLocks
  | AtTest
  | AtTurn
  | AtMove
  | AtReadBack
  | { readonly at: 'end'; readonly end: LandingEnd };

interface AtBasis {
  readonly at: 'basis';
  readonly round: number;
  readonly look: number;
}
interface AtPrepare {
  readonly at: 'prepare';
  readonly round: number;
  readonly on: Basis;
}
interface AtLocks {
  readonly at: 'locks';
  readonly round: number;
  readonly draft: Draft;
}
interface AtTest {
  readonly at: 'test';
  readonly round: number;
  readonly candidate: Candidate;
}
interface AtTurn {
  readonly at: 'turn';
  readonly round: number;
  readonly look: number;
  readonly verdict: Verdict;
}
interface AtMove {
  readonly at: 'move';
  readonly round: number;
  readonly candidate: Candidate;
  readonly report: TestReport;
}
interface AtReadBack extends Omit<AtMove, 'at'> {
  readonly at: 'read_back';
}

/** What was found on `base`: that it may land, or that it ends there. It counts once the branch stands at `base`. */
type Verdict =
  | { readonly kind: 'passed'; readonly candidate: Candidate; readonly report: TestReport }
  | { readonly kind: 'red'; readonly candidate: Candidate; readonly end: NotLanded }
  | { readonly kind: 'stuck'; readonly base: GitOid; readonly end: NotLanded };

type NotLanded =
  | { readonly kind: 'already_there'; readonly reasons: readonly Reason[] }
  | {
      readonly kind: 'needs_human';
      readonly reasons: readonly Reason[];
      /** Where a merge is what needs a person. */
      readonly merge?: Unsettled;
    };

export type LandingEnd =
  | {
      readonly kind: 'landed';
      readonly rounds: number;
      readonly candidate: Candidate;
      readonly report: TestReport;
      /** As read back from the branch; the tree equals the candidate's. */
      readonly landedCommit: GitOid;
      readonly landedTree: GitOid;
    }
  | (NotLanded & { readonly rounds: number });

export function beginLanding(): LandingState {
  return { at: 'basis', round: 1, look: 1 };
}

export function based({ round, look }: AtBasis, answer: BasisAnswer): LandingState {
  return answer.kind === 'wait' ? { at: 'basis', round, look: look + 1 } : { at: 'prepare', round, on: answer.on };
}

export function prepared({ round }: AtPrepare | AtLocks, result: Prepared): LandingState {
  if (result.kind === 'candidate') return { at: 'test', round, candidate: result.candidate };
  if (result.kind === 'locks') return { at: 'locks', round, draft: result.draft };
  const { base, ...end } = result;
  if (base === undefined) return { at: 'end', end: { ...end, rounds: round } };
  return { at: 'turn', round, look: 1, verdict: { kind: 'stuck', base, end } };
}

/** Only a passed test leads on: red and unknown need a person, since its base is green and the change was green by itself. */
export function tested({ round, candidate }: AtTest, report: TestReport): LandingState {
  if (report.outcome === 'passed')
    return { at: 'turn', round, look: 1, verdict: { kind: 'passed', candidate, report } };
  const msg = `${report.command.join(' ')} fails on the change together with ${candidate.base}, where the branch stands`;
  const reasons = report.outcome === 'unknown' ? report.reasons : [reason('CANDIDATE_RED', 'change.tests', msg)];
  return { at: 'turn', round, look: 1, verdict: { kind: 'red', candidate, end: { kind: 'needs_human', reasons } } };
}

/** What it needs cannot be had, so there is no test; as with a red one the fault may be that of one ahead. */
export function unequipped({ round, candidate }: AtTest, reasons: readonly Reason[]): LandingState {
  return { at: 'turn', round, look: 1, verdict: { kind: 'red', candidate, end: { kind: 'needs_human', reasons } } };
}

export function turned({ round, look, verdict }: AtTurn, answer: TurnAnswer, maxRounds: number): LandingState {
  if (answer === 'wait') return { at: 'turn', round, look: look + 1, verdict };
  if (answer === 'anew') return nextRound(round, maxRounds);
  if (verdict.kind !== 'passed') return { at: 'end', end: { ...verdict.end, rounds: round } };
  const { candidate, report } = verdict;
  return { at: 'move', round, candidate, report };
}

/**
 * How a verdict stands in the line. What cannot be merged is passed by; those behind a red one wait for its turn, since the
 * fault may be that of one further ahead, and then they would test on it once more.
 */
export function standingOf(verdict: Verdict): { readonly base: GitOid; readonly tip: GitOid } {
  if (verdict.kind === 'stuck') return { base: verdict.base, tip: verdict.base };
  const { base, commit } = verdict.candidate;
  return { base, tip: commit };
}

export function moved(state: AtMove, result: MoveOutcome, maxRounds: number): LandingState {
  if (result.kind === 'moved') return { ...state, at: 'read_back' };
  if (result.kind === 'base_moved') return nextRound(state.round, maxRounds);
  return { at: 'end', end: { kind: 'needs_human', rounds: state.round, reasons: result.reasons } };
}

export function readAs(
  { round, candidate, report }: AtReadBack,
  found: { readonly commit: GitOid; readonly tree: GitOid },
): LandingState {
  const landed = { landedCommit: found.commit, landedTree: found.tree };
  return { at: 'end', end: { kind: 'landed', rounds: round, candidate, report, ...landed } };
}

function nextRound(round: number, maxRounds: number): LandingState {
  if (round < maxRounds) return { at: 'basis', round: round + 1, look: 1 };
  const msg = `in each of ${maxRounds} rounds others landed first, or left the line ahead of it`;
  const reasons = [reason('LANDING_OVERTAKEN', 'change', msg)];
  return { at: 'end', end: { kind: 'needs_human', rounds: round, reasons } };
}
