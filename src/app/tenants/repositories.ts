import { withoutSecret } from '#adapters/git/index.ts';
import { addRepository, appendEvent, findRepository, listRepositories } from '#adapters/sql/index.ts';
import type { Principal } from '#domain/action.ts';
import type { RepoId } from '#domain/ids.ts';
import type { Repository } from '#domain/repository.ts';
import type { Tenant } from '#domain/tenant.ts';
import { AppError } from '../fault.ts';
import type { House } from '../house.ts';
import { permit } from '../perform.ts';

export interface RepoRequest {
  readonly tenant: Tenant;
  /** A path or an address. */
  readonly origin: string;
  /** Last part of the origin when left out. */
  readonly name?: string;
  /** The branch that its HEAD names when left out. */
  readonly branch?: string;
  readonly testCommand?: readonly string[];
  readonly onProgress?: (line: string) => void;
  readonly by: Principal;
}

/** Takes a repository in as a bare copy; its own working tree is not touched. The same origin twice is the same as once. */
export async function addRepo(
  house: House,
  request: RepoRequest,
): Promise<{ repo: Repository; warnings: readonly string[] }> {
  const { tenant, name, branch, testCommand, onProgress, by } = request;
  // Credentials in an address serve for fetching only: they are on no record.
  const origin = withoutSecret(request.origin);
  const { kind: reach, host, addresses } = await house.imports.reachOf(request.origin);
  const asked = {
    name: 'repo.add',
    principal: by,
    tenant,
    resource: { kind: 'repository', id: name ?? origin, attributes: { origin, reach, host } },
  } as const;
  return permit(house, asked, async () => {
    const imported = await house.imports.add({
      tenant: tenant.id,
      source: request.origin,
      // The administrator of the machine may be led anywhere; for others the answer is looked at no second time.
      ...(reach === 'public' && !isPlatformAdmin(by) ? { pinned: addresses } : {}),
      ...(name === undefined ? {} : { name }),
      ...(branch === undefined ? {} : { branch }),
      ...(onProgress === undefined ? {} : { onProgress }),
    });
    const repo: Repository = { ...imported.repository, ...(testCommand === undefined ? {} : { testCommand }) };
    await house.store.truth.tx(async (tx) => {
      if (!(await addRepository(tx, repo))) return;
      const data = { repo: repo.id, origin, head: repo.head };
      await appendEvent(tx, house.clock.now(), { type: 'repo.added', tenant: tenant.id, by: by.id, data });
    });
    return { repo, warnings: imported.warnings };
  });
}

function isPlatformAdmin({ grants }: Principal): boolean {
  return grants.some(({ role }) => role === 'platform-admin');
}

/** A repository for programs. */
export type RepoDocument = Omit<Repository, 'testCommand'> & { readonly testCommand: readonly string[] | null };

export function repoDocument(repo: Repository): RepoDocument {
  const { id, tenant, name, defaultBranch, head, origin, testCommand = null } = repo;
  return { id, tenant, name, defaultBranch, head, origin, testCommand };
}

export async function allRepos(house: House, tenant: Tenant): Promise<readonly Repository[]> {
  return listRepositories(house.store.truth, tenant.id);
}

/** By `<tenant>/<name>` or by name alone. */
export async function getRepo(house: House, tenant: Tenant, name: string): Promise<Repository> {
  const id = name.startsWith(`${tenant.id}/`) ? name : `${tenant.id}/${name}`;
  // The cast is true as a question: an id that no repository has finds nothing.
  const repo = await findRepository(house.store.truth, tenant.id, id as RepoId);
  if (repo !== undefined) return repo;
  const known = (await listRepositories(house.store.truth, tenant.id)).map((other) => other.name);
  const list = known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`;
  throw new AppError('REPO_UNKNOWN', `tenant ${tenant.id} has no repository "${name}"; ${list}`);
}
