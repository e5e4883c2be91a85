import type { Environment } from '#domain/environment.ts';
import type { GitOid } from '#domain/ids.ts';
import type { Road } from '../road.ts';

/** Builds the repository's environment, or finds it built. What cannot be built ends the task before a runner has cost anything. */
export async function prepare(road: Road, base: GitOid): Promise<Environment> {
  const { house, repo, tenant } = road;
  const prepared = await road.perform(
    'environment',
    'environment.build',
    { kind: 'environment', id: repo.id },
    async ({ signal }) => {
      const request = { ordinal: tenant.ordinal, repoDir: house.repoDir(repo.id), commit: base };
      const { environment, built, warnings } = await house.environments.ensure(request, signal);
      return { environment, built, warnings };
    },
  );
  road.facts.environment = prepared.environment;
  road.facts.warnings = prepared.warnings;
  return prepared.environment;
}
