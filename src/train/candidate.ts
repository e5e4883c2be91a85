import type { Change } from '#domain/change.ts';
import type { GitOid } from '#domain/ids.ts';
import type { Reason } from '#domain/reason.ts';
import type { Candidate, Draft, LandingJob, LandParts, Unsettled } from './landing.ts';
import type { Basis } from './line.ts';
import { landingMessage } from './message.ts';
import { reason } from './reasons.ts';
import { resolveConflicts } from './resolve.ts';

export type Prepared =
  | { readonly kind: 'candidate'; readonly candidate: Candidate }
  /** All is settled but lock files, which are to be made anew. */
  | { readonly kind: 'locks'; readonly draft: Draft }
  /** All of the change is on the branch already. */
  | { readonly kind: 'already_there'; readonly base: GitOid; readonly reasons: readonly Reason[] }
  | NeedsHuman;

type NeedsHuman = {
  readonly kind: 'needs_human';
  /** On what it needs one; absent where it does on anything. */
  readonly base?: GitOid;
  readonly reasons: readonly Reason[];
  /** Where a merge is what needs a person. */
  readonly merge?: Unsettled;
};

/** Durable step: brings the change on top of its basis, and tells the line. Writes objects only, so again is the same as once. */
export async function prepare(parts: LandParts, job: LandingJob, on: Basis): Promise<Prepared> {
  const { change, branch } = job;
  const base = on?.commit ?? (await parts.forge.head(change.repo, branch));
  if (base === undefined) return needsHuman([reason('BRANCH_GONE', 'repo.branch', `there is no branch ${branch}`)]);
  const pushed = await parts.forge.find(change.id);
  if (pushed?.head !== change.head) return needsHuman([changePushed(change)]);
  return bringTogether(parts, job, { base, onTopOf: on?.change ?? null });
}

export function changePushed(change: Change): Reason {
  return reason(
    'CHANGE_PUSHED',
    'change.head',
    `${change.branch} no longer stands at ${change.head}, which was checked`,
  );
}

async function bringTogether(
  parts: LandParts,
  job: LandingJob,
  basis: Pick<Candidate, 'base' | 'onTopOf'>,
): Promise<Prepared> {
  const { objects } = parts;
  const { base } = basis;
  const { change, repoDir } = job;
  if (await objects.isAncestor(repoDir, base, change.head)) {
    const tree = await objects.treeOf(repoDir, change.head);
    return candidateOf(parts, job, { ...basis, tree, how: 'as_proposed', resolved: [] });
  }
  if ((await objects.mergeBase(repoDir, base, change.head)) === undefined) {
    const msg = `${change.branch} shares no commit with ${job.branch}`;
    return { ...needsHuman([reason('MERGE_CONFLICT', 'change.head', msg)]), base };
  }
  const merged = await objects.mergeTree(repoDir, { ours: base, theirs: change.head });
  if (merged.kind === 'clean')
    return candidateOf(parts, job, { ...basis, tree: merged.tree, how: 'merged', resolved: [] });
  const { files, told, locks, reasons } = await resolveConflicts(parts, job, merged);
  const tree = await objects.writeFiles(repoDir, merged.tree, files);
  if (reasons.length > 0) return unsettled(parts, job, { base, tree, files: told, reasons });
  if (locks.length > 0) return { kind: 'locks', draft: { ...basis, tree, locks, resolved: told } };
  return candidateOf(parts, job, { ...basis, tree, how: 'resolved', resolved: told });
}

/** The commit that may land, or that there is nothing left to land. */
export async function candidateOf(
  { objects, clock, line }: Pick<LandParts, 'objects' | 'clock' | 'line'>,
  { change, repoDir, branch }: LandingJob,
  what: Omit<Candidate, 'commit'>,
): Promise<Prepared> {
  const { base, tree, resolved } = what;
  if (tree === (await objects.treeOf(repoDir, base))) {
    const msg = `${change.id} changes nothing on ${branch} as it is now`;
    return { kind: 'already_there', base, reasons: [reason('NOTHING_LEFT', 'change', msg)] };
  }
  const message = landingMessage(change, resolved);
  const commit = await objects.commitTree(repoDir, { tree, parents: [base], message, at: clock.now() });
  await line.put({ base, tip: commit });
  return { kind: 'candidate', candidate: { ...what, commit } };
}

/** Keeps a merge that needs a person as a commit on no branch, so that it can be shown and confirmed. */
export async function unsettled(
  { objects, clock }: Pick<LandParts, 'objects' | 'clock'>,
  { change, repoDir }: LandingJob,
  what: Omit<Unsettled, 'commit'> & { readonly tree: GitOid; readonly reasons: readonly Reason[] },
): Promise<NeedsHuman> {
  const { base, tree, files, reasons } = what;
  const message = `Unsettled merge of ${change.id}`;
  const commit = await objects.commitTree(repoDir, { tree, parents: [base], message, at: clock.now() });
  return { kind: 'needs_human', base, reasons, merge: { base, commit, files } };
}

function needsHuman(reasons: readonly Reason[]): NeedsHuman {
  return { kind: 'needs_human', reasons };
}
