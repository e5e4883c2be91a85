import type { ChangeId } from '#domain/ids.ts';
import type { Reason } from '#domain/reason.ts';

/** Every reason that this room gives, with the smallest safe next step. */
export const TRAIN_REASONS = Object.freeze({
  MERGE_CONFLICT: 'Fetch the change, merge the branch into it by hand, push it and approve the change',
  MERGE_PROPOSED:
    'Read the proposed merge (`maestro change show ID --merge-report merge.html`), then approve the change; or merge by hand, push it and approve that',
  LOCK_NOT_REMADE:
    'Merge the branch into the change, let the package manager make the lock file anew, push it and approve the change',
  CANDIDATE_RED:
    'Read what they printed (`maestro task tests ID`), merge the branch into the change, repair the tests and push it',
  LANDING_OVERTAKEN: 'Let the change land again when fewer others do',
  CHANGE_PUSHED: 'Have the change checked again as it is now',
  BRANCH_GONE: 'Bring the branch back, or close the change',
  NOTHING_LEFT: 'Close the change: all of it is on the branch already',
  DUPLICATE_CHANGE: 'Close one of the two changes',
});

export type TrainReasonCode = keyof typeof TRAIN_REASONS;

export function reason(code: TrainReasonCode, field: string, msg: string): Reason {
  return { code, msg, field, fix: TRAIN_REASONS[code] };
}

/** Why a change that holds the same as open ones should not be opened beside them; `twins` as `Forge.twins` gives them. */
export function duplicateReason(twins: readonly ChangeId[]): Reason | undefined {
  if (twins.length === 0) return undefined;
  return reason('DUPLICATE_CHANGE', 'change', `it holds the same as ${twins.join(', ')}, which is open`);
}
