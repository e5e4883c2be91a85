import type { Environment } from '#domain/environment.ts';
import type { GitOid } from '#domain/ids.ts';
import type { TestReport } from '#domain/test-report.ts';
import type { Road } from '../road.ts';

/** Runs the repository's own tests on exactly one tree, in the sandbox; an equal tree proved before is not run again. */
export async function prove(road: Road, name: string, environment: Environment, tree: GitOid): Promise<TestReport> {
  const { house, repo, tenant } = road;
  const report = await road.perform(
    name,
    'run.command',
    { kind: 'tree', id: tree, attributes: { repo: repo.id, purpose: 'test' } },
    async ({ signal }) =>
      house.verify.test(
        {
          tenant: tenant.id,
          ordinal: tenant.ordinal,
          repoDir: house.repoDir(repo.id),
          tree,
          environment,
          ...(repo.testCommand === undefined ? {} : { testCommand: repo.testCommand }),
        },
        signal,
      ),
  );
  if (name === 'baseline') road.facts.baseline = report;
  else road.facts.proof = report;
  return report;
}
