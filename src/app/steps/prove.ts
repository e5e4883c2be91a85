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
  testCommand: readonly string[] | undefined = repo.testCommand,
): Promise<TestReport> {
  const report = await house.verify.test(
    {
      tenant: tenant.id,
      ordinal: tenant.ordinal,
      repoDir: house.repoDir(repo.id),
      tree,
      environment,
      ...(testCommand === undefined ? {} : { testCommand }),
    },
    signal,
  );
  signal.throwIfAborted();
  return report;
}

/** The types of a whole tree, by the repository's own compiler and settings; undefined where it has none at its root. */
export async function checkTypes(
  road: Road,
  environment: Environment,
  tree: GitOid,
  signal: AbortSignal,
): Promise<TestReport | undefined> {
  const { house, repo } = road;
  const names = await house.objects.rootNames(house.repoDir(repo.id), tree);
  if (!names.includes('tsconfig.json')) return undefined;
  const compiler = 'node_modules/typescript/bin/tsc';
  return testTree(road, environment, tree, signal, ['node', compiler, '--noEmit', '-p', 'tsconfig.json']);
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
