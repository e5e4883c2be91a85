import type { Checkpoint } from '#agents/index.ts';
import type { ChangedFile } from '#domain/diff.ts';
import type { GitOid } from '#domain/ids.ts';
import type { Rung } from '#domain/plan.ts';
import type { Reason } from '#domain/reason.ts';
import { DEFAULT_SIZE_LIMITS, inspectChange, PROTECTED_PATHS } from '#exec/index.ts';
import { onRung, type Road } from '../road.ts';

export type Inspection = {
  /** One commit on the base with the run's tree. */
  readonly head: GitOid;
  readonly tree: GitOid;
  readonly files: readonly ChangedFile[];
  /** Why it may not land in this shape. */
  readonly refused: readonly Reason[];
  /** What a person must look at. */
  readonly asks: readonly Reason[];
};

/** Makes one commit of the run's work and looks at it: paths, size, links, tests kept. */
export async function inspect(
  road: Road,
  base: GitOid,
  { checkpoint: made, summary }: { readonly checkpoint: Checkpoint; readonly summary: string },
  rung: Rung,
): Promise<Inspection> {
  const { house, repo, tenant, task, run } = road;
  const repoDir = house.repoDir(repo.id);
  const inspection = await road.step(onRung('inspect', rung), async (): Promise<Inspection> => {
    const message = `${summary}\n\nTask: ${task.id}\nTenant: ${tenant.id}\n`;
    const at = run.record.startedAt;
    const head = await house.objects.commitTree(repoDir, { tree: made.tree, parents: [base], message, at });
    const findings = await inspectChange(house.objects, {
      repoDir,
      base,
      head,
      paths: {
        denied: tenant.policy.deniedPaths ?? [],
        protected: [...PROTECTED_PATHS, ...(tenant.policy.protectedPaths ?? [])],
      },
      size: DEFAULT_SIZE_LIMITS,
      ...(repo.testCommand === undefined ? {} : { testCommand: repo.testCommand }),
    });
    return {
      head,
      tree: made.tree,
      files: await house.objects.changedFiles(repoDir, base, head),
      refused: findings.filter(({ ending }) => ending === 'refused').map(({ reason }) => reason),
      asks: findings.filter(({ ending }) => ending === 'needs_human').map(({ reason }) => reason),
    };
  });
  if (inspection.refused.some(({ code }) => code === 'KEY_IN_CHANGE')) {
    road.facts.head = undefined; // what holds a key goes into no evidence
    return inspection;
  }
  road.facts.head = { commit: inspection.head, tree: inspection.tree };
  road.facts.files = inspection.files;
  return inspection;
}
