import type { Change } from '#domain/change.ts';
import type { GitOid } from '#domain/ids.ts';
import { AppError } from '../fault.ts';
import type { Road } from '../road.ts';

export type Start = {
  /** Head of the default branch when the run began. */
  readonly base: GitOid;
  readonly baseTree: GitOid;
  /** A change of an earlier run that a person has approved; absent when there is none. */
  readonly approved?: Change;
};

/** Asks whether this may run here, and fixes the commit that the whole run works from. */
export async function begin(road: Road): Promise<Start> {
  const { house, task, repo } = road;
  const { name, kind } = task.work;
  const start = await road.perform(
    'begin',
    'run.start',
    { kind: 'run', id: road.run.record.id, attributes: { [kind]: name, repo: repo.id } },
    async (): Promise<Start> => {
      const base = await house.forge.head(repo.id, repo.defaultBranch);
      if (base === undefined)
        throw new AppError('REPO_UNKNOWN', `${repo.id} has lost its branch ${repo.defaultBranch}`);
      const baseTree = await house.objects.treeOf(house.repoDir(repo.id), base);
      const approved = await house.forge.list({ repo: repo.id, states: ['approved'] });
      const own = approved.find((change) => change.task === task.id);
      return { base, baseTree, ...(own === undefined ? {} : { approved: own }) };
    },
  );
  road.facts.base = start.base;
  return start;
}
