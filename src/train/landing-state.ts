import type { GitOid } from '#domain/ids.ts';
import type { Reason } from '#domain/reason.ts';
import type { TestReport } from '#domain/test-report.ts';
import type { Prepared } from './candidate.ts';
import type { Candidate, Draft, Unsettled } from './landing.ts';
import type { MoveOutcome } from './move.ts';
import { reason } from './reasons.ts';

/**
 * How far a landing has come, and by that what is to be done next. Pure: the same results in the same order give the same
 * states, so that a journal can replay them. `round` counts from 1; a new one begins when someone else landed first.
 */
export type LandingState =
  | AtPrepare
  | AtLocks
  | AtTest
  | AtMove
  | AtReadBack
  | { readonly at: 'end'; readonly end: LandingEnd };

interface AtPrepare {
  readonly at: 'prepare';
  readonly round: number;
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
interface AtMove {
  readonly at: 'move';
  readonly round: number;
  readonly candidate: Candidate;
  readonly report: TestReport;
}
interface AtReadBack extends Omit<AtMove, 'at'> {
  readonly at: 'read_back';
}

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
  | { readonly kind: 'already_there'; readonly rounds: number; readonly reasons: readonly Reason[] }
  | {
      readonly kind: 'needs_human';
      readonly rounds: number;
      readonly reasons: readonly Reason[];
      /** Where a merge is what needs a person. */
      readonly merge?: Unsettled;
    };

export function beginLanding(): LandingState {
  return { at: 'prepare', round: 1 };
}

export function prepared({ round }: AtPrepare | AtLocks, result: Prepared): LandingState {
  if (result.kind === 'candidate') return { at: 'test', round, candidate: result.candidate };
  if (result.kind === 'locks') return { at: 'locks', round, draft: result.draft };
  return { at: 'end', end: { ...result, rounds: round } };
}

/** Only a passed test leads on: red and unknown need a person, since main is green and the change was green by itself. */
export function tested({ round, candidate }: AtTest, report: TestReport): LandingState {
  if (report.outcome === 'passed') return { at: 'move', round, candidate, report };
  if (report.outcome === 'unknown') return needsHuman(round, report.reasons);
  const msg = `${report.command.join(' ')} fails on the change together with ${candidate.base}, where the branch stands`;
  return needsHuman(round, [reason('CANDIDATE_RED', 'change.tests', msg)]);
}

export function moved(state: AtMove, result: MoveOutcome, maxRounds: number): LandingState {
  if (result.kind === 'moved') return { ...state, at: 'read_back' };
  if (result.kind === 'needs_human') return needsHuman(state.round, result.reasons);
  if (state.round < maxRounds) return { at: 'prepare', round: state.round + 1 };
  const msg = `others landed first in each of ${maxRounds} rounds`;
  return needsHuman(state.round, [reason('LANDING_OVERTAKEN', 'change', msg)]);
}

export function readAs(
  { round, candidate, report }: AtReadBack,
  found: { readonly commit: GitOid; readonly tree: GitOid },
): LandingState {
  const landed = { landedCommit: found.commit, landedTree: found.tree };
  return { at: 'end', end: { kind: 'landed', rounds: round, candidate, report, ...landed } };
}

function needsHuman(rounds: number, reasons: readonly Reason[]): LandingState {
  return { at: 'end', end: { kind: 'needs_human', rounds, reasons } };
}
