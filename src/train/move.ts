import type { GitOid } from '#domain/ids.ts';
import type { Reason } from '#domain/reason.ts';
import type { TestReport } from '#domain/test-report.ts';
import { changePushed } from './candidate.ts';
import { TrainError } from './errors.ts';
import type { Candidate, LandingJob, LandParts } from './landing.ts';

/**
 * Durable step: the repository's own tests on exactly the tree that would land. Where conflicts were settled without a
 * person its types are checked too, unless they do not even hold on the branch.
 */
export async function test(
  parts: Pick<LandParts, 'verify' | 'objects'>,
  job: LandingJob,
  candidate: Candidate,
  signal: AbortSignal,
): Promise<TestReport> {
  const { repo } = job.change;
  const report = await parts.verify.test({ repo, tree: candidate.tree }, signal);
  if (report.outcome !== 'passed' || candidate.how !== 'resolved') return report;
  const base = await parts.objects.treeOf(job.repoDir, candidate.base);
  const before = await parts.verify.types?.({ repo, tree: base }, signal);
  if (before?.outcome !== 'passed') return before === undefined ? report : { ...report, beside: [before] };
  const types = await parts.verify.types?.({ repo, tree: candidate.tree }, signal);
  if (types === undefined) return report;
  if (types.outcome === 'passed') return { ...report, beside: [before, types] };
  return { ...types, beside: [report, before] };
}

export type MoveOutcome =
  | { readonly kind: 'moved' }
  /** Someone else landed first: make a new candidate and test that. */
  | { readonly kind: 'base_moved' }
  | { readonly kind: 'needs_human'; readonly reasons: readonly Reason[] };

/**
 * Durable step: moves the branch to the candidate by compare-and-swap, from the very commit on which it was tested and while the
 * change stands as it was checked. Done before and not recorded, it finds its own commit on the branch.
 */
export async function move(
  parts: Pick<LandParts, 'objects' | 'forge'>,
  job: LandingJob,
  candidate: Candidate,
  report: TestReport,
): Promise<MoveOutcome> {
  const { change, repoDir, branch } = job;
  await mustBeTested(parts, job, candidate, report);
  const moved = await parts.forge.moveBranch({
    repo: change.repo,
    branch,
    from: candidate.base,
    to: candidate.commit,
    unmoved: { branch: change.branch, head: change.head },
  });
  if (moved.moved) return { kind: 'moved' };
  if (moved.head !== null && (await parts.objects.isAncestor(repoDir, candidate.commit, moved.head))) {
    return { kind: 'moved' };
  }
  if (moved.head !== candidate.base) return { kind: 'base_moved' };
  return { kind: 'needs_human', reasons: [changePushed(change)] };
}

async function mustBeTested(
  parts: Pick<LandParts, 'objects'>,
  { repoDir, change }: LandingJob,
  candidate: Candidate,
  report: TestReport,
): Promise<void> {
  const tree = await parts.objects.treeOf(repoDir, candidate.commit);
  if (report.outcome === 'passed' && report.tree === candidate.tree && tree === candidate.tree) return;
  const message = `${change.id}: the tests of tree ${report.tree} ${report.outcome}, and the commit to land holds tree ${tree}`;
  throw new TrainError('CANDIDATE_UNTESTED', message, { tested: report.tree, commit: candidate.commit, tree });
}

/**
 * Durable step: reads the branch again and compares what landed with what was tested. When they differ it puts the branch back,
 * if nothing came on top, and throws LANDED_TREE_DIFFERS.
 */
export async function readBack(
  parts: Pick<LandParts, 'objects' | 'forge'>,
  job: LandingJob,
  candidate: Candidate,
): Promise<{ readonly commit: GitOid; readonly tree: GitOid }> {
  const { objects, forge } = parts;
  const { change, repoDir, branch } = job;
  const head = await forge.head(change.repo, branch);
  const holds = head !== undefined && (await objects.isAncestor(repoDir, candidate.commit, head));
  // A forge may land by a commit of its own making: then that is what has to be compared.
  const commit = holds ? candidate.commit : head;
  const tree = commit === undefined ? undefined : await objects.treeOf(repoDir, commit);
  if (commit !== undefined && tree === candidate.tree) return { commit, tree };

  const reverted = head !== undefined && (await putBack(parts, job, candidate, head));
  const message = `${branch} of ${change.repo} holds tree ${tree ?? 'none'} after ${change.id} landed, tested was ${candidate.tree}`;
  throw new TrainError(
    'LANDED_TREE_DIFFERS',
    `${message}; it was ${reverted ? '' : 'not '}put back to ${candidate.base}`,
    {
      landed: commit ?? null,
      tree: tree ?? null,
      tested: candidate.tree,
      base: candidate.base,
      reverted,
    },
  );
}

async function putBack(
  { objects, forge }: Pick<LandParts, 'objects' | 'forge'>,
  { change, repoDir, branch }: LandingJob,
  { base }: Candidate,
  head: GitOid,
): Promise<boolean> {
  if (head === base) return true;
  const { parents } = await objects.readCommit(repoDir, head);
  if (!parents.includes(base)) return false;
  return (await forge.moveBranch({ repo: change.repo, branch, from: head, to: base })).moved;
}
