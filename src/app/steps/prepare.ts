import type { Environment } from '#domain/environment.ts';
import type { GitOid } from '#domain/ids.ts';
import type { Road } from '../road.ts';

/** Builds the repository's environment, or finds it built. What cannot be built is a clear error before money is spent. */
export async function prepare(road: Road, base: GitOid): Promise<Environment> {
  const { house, repo, tenant } = road;
  const environment = await road.perform(
    'environment',
    'environment.build',
    { kind: 'environment', id: repo.id },
    async ({ signal }) =>
      house.environments.ensure(
        { tenant: tenant.id, ordinal: tenant.ordinal, repoDir: house.repoDir(repo.id), commit: base },
        signal,
      ),
  );
  road.facts.environment = environment;
  return environment;
}
