import type { Change } from '#domain/change.ts';
import type { GitOid } from '#domain/ids.ts';
import type { Reason } from '#domain/reason.ts';
import type { Candidate, LandingJob, LandParts } from './landing.ts';
import { landingMessage } from './message.ts';
import { reason } from './reasons.ts';
import { resolveConflicts } from './resolve.ts';

export type Prepared =
  | { readonly kind: 'candidate'; readonly candidate: Candidate }
  /** All of the change is on the branch already. */
  | { readonly kind: 'already_there'; readonly reasons: readonly Reason[] }
  | { readonly kind: 'needs_human'; readonly reasons: readonly Reason[] };

/** Durable step: brings the change on top of the branch as it stands now. Writes objects only, so again is the same as once. */
export async function prepare(parts: LandParts, job: LandingJob): Promise<Prepared> {
  const { change, repoDir, branch } = job;
  const base = await parts.forge.head(change.repo, branch);
  if (base === undefined) return needsHuman([reason('BRANCH_GONE', 'repo.branch', `there is no branch ${branch}`)]);
  const pushed = await parts.forge.find(change.id);
  if (pushed?.head !== change.head) return needsHuman([changePushed(change)]);

  const merged = await bringTogether(parts, job, base);
  if (merged.kind === 'needs_human') return merged;
  const { tree, how, resolved } = merged;
  if (tree === (await parts.objects.treeOf(repoDir, base))) {
    const msg = `${change.id} changes nothing on ${branch} as it is now`;
    return { kind: 'already_there', reasons: [reason('NOTHING_LEFT', 'change', msg)] };
  }
  const commit = await parts.objects.commitTree(repoDir, {
    tree,
    parents: [base],
    message: landingMessage(change, resolved),
    at: parts.clock.now(),
  });
  return { kind: 'candidate', candidate: { base, commit, tree, how, resolved } };
}

export function changePushed(change: Change): Reason {
  return reason(
    'CHANGE_PUSHED',
    'change.head',
    `${change.branch} no longer stands at ${change.head}, which was checked`,
  );
}

type Together =
  | ({ readonly kind: 'tree' } & Pick<Candidate, 'tree' | 'how' | 'resolved'>)
  | { readonly kind: 'needs_human'; readonly reasons: readonly Reason[] };

async function bringTogether(parts: LandParts, job: LandingJob, base: GitOid): Promise<Together> {
  const { objects } = parts;
  const { change, repoDir } = job;
  if (await objects.isAncestor(repoDir, base, change.head)) {
    return { kind: 'tree', tree: await objects.treeOf(repoDir, change.head), how: 'as_proposed', resolved: [] };
  }
  if ((await objects.mergeBase(repoDir, base, change.head)) === undefined) {
    return needsHuman([
      reason('MERGE_CONFLICT', 'change.head', `${change.branch} shares no commit with ${job.branch}`),
    ]);
  }
  const merged = await objects.mergeTree(repoDir, { ours: base, theirs: change.head });
  if (merged.kind === 'clean') return { kind: 'tree', tree: merged.tree, how: 'merged', resolved: [] };
  const resolution = await resolveConflicts(parts, repoDir, merged);
  if (resolution.kind === 'unresolved') return needsHuman(resolution.reasons);
  const tree = await objects.writeFiles(repoDir, merged.tree, resolution.files);
  return { kind: 'tree', tree, how: 'resolved', resolved: resolution.resolved };
}

function needsHuman(reasons: readonly Reason[]): { readonly kind: 'needs_human'; readonly reasons: readonly Reason[] } {
  return { kind: 'needs_human', reasons };
}
