import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { LocalForge } from '#adapters/git/forge.ts';
import { addRepository } from '#adapters/git/import.ts';
import { GitObjectStore } from '#adapters/git/objects.ts';
import { repoDirIn } from '#adapters/git/repo-dir.ts';
import { gitOn } from '#adapters/git/run.ts';
import { SqlChangeStore } from '#adapters/sql/change-store.ts';
import { openStore, type StoreLocation } from '#adapters/sql/index.ts';
import type { GitOid, PrincipalId, RepoId, RunId, TaskId, TenantId } from '#domain/ids.ts';
import type { Repository } from '#domain/repository.ts';
import { systemClock } from '#kernel/clock.ts';
import { Ids } from '#kernel/ids.ts';
import { systemRandom } from '#kernel/random.ts';
import type { NewChange } from '#train/ports.ts';

export const gitPlace = { searchPath: process.env['PATH'] ?? '' };
export const tenant = 'red' as TenantId;

/** A data directory with everything that a repository's road needs, wired as the product does it. */
export async function openPlace(dataDir: string, location?: StoreLocation) {
  mkdirSync(dataDir, { recursive: true });
  const store = await openStore(location ?? { engine: 'sqlite', path: join(dataDir, 'maestro.db') });
  const git = gitOn(gitPlace);
  const objects = new GitObjectStore({ git });
  const repoDir = (repo: RepoId): string => repoDirIn(dataDir, repo);
  const forge = new LocalForge({
    git,
    objects,
    changes: new SqlChangeStore({ sql: store.truth }),
    repoDir,
    ids: new Ids({ clock: systemClock, random: systemRandom }),
    clock: systemClock,
  });
  const add = async (source: string, owner = tenant): Promise<Repository> =>
    (await addRepository({ git, dataDir, roots: 'any' }, { tenant: owner, source })).repository;
  return { dataDir, store, git, objects, repoDir, forge, add };
}

export type Place = Awaited<ReturnType<typeof openPlace>>;

/** What a run proposes: its branch, on a commit that is in the bare repository already. */
export function proposal(repo: RepoId, run: string, base: GitOid, head: GitOid): NewChange {
  return {
    tenant,
    repo,
    task: `task_${run}` as TaskId,
    run: run as RunId,
    branch: `maestro/${run}`,
    base,
    head,
    title: `Change of ${run}`,
    body: 'Why and how.',
    author: 'agent:recipe' as PrincipalId,
  };
}

/** A commit on top of `base` with some files written, made inside the bare repository. */
export async function commitInBare(
  place: Place,
  repo: RepoId,
  base: GitOid,
  files: { readonly [path: string]: string },
  message = 'work',
): Promise<GitOid> {
  const dir = place.repoDir(repo);
  const texts = Object.entries(files).map(([path, text]) => ({ path, text }));
  const tree = await place.objects.writeFiles(dir, await place.objects.treeOf(dir, base), texts);
  return place.objects.commitTree(dir, { tree, parents: [base], message, at: 1_700_000_000_000 });
}
