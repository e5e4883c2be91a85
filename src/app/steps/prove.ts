import type { Environment } from '#domain/environment.ts';
import type { GitOid } from '#domain/ids.ts';
import type { Rung } from '#domain/plan.ts';
import type { TestReport } from '#domain/test-report.ts';
import { onRung, type Road } from '../road.ts';

/** One test run. When it is stopped from outside there is no answer: the step is done again when the run goes on. */
export async function testTree(
  { house, repo, tenant }: Road,
  environment: Environment,
  tree: GitOid,
  signal: AbortSignal,
): Promise<TestReport> {
  const report = await house.verify.test(
    {
      tenant: tenant.id,
      ordinal: tenant.ordinal,
      repoDir: house.repoDir(repo.id),
      tree,
      environment,
      ...(repo.testCommand === undefined ? {} : { testCommand: repo.testCommand }),
    },
    signal,
  );
  signal.throwIfAborted();
  return report;
}

/** Runs the repository's own tests on exactly one tree, in the sandbox; an equal tree proved before is not run again. */
export async function prove(
  road: Road,
  name: 'baseline' | 'verify',
  environment: Environment,
  tree: GitOid,
  rung?: Rung,
): Promise<TestReport> {
  const { repo } = road;
  const report = await road.perform(
    onRung(name, rung),
    'run.command',
    { kind: 'tree', id: tree, attributes: { repo: repo.id, purpose: 'test' } },
    ({ signal }) => testTree(road, environment, tree, signal),
  );
  if (name === 'baseline') road.facts.baseline = report;
  else road.facts.proof = report;
  return report;
}
