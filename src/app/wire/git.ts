import { join } from 'node:path';
import { addRepository, GitObjectStore, gitOn, LocalForge, repoDirIn } from '#adapters/git/index.ts';
import { removeTenantFolders } from '#adapters/files/index.ts';
import { gitLineMerger } from '#adapters/git-merge/index.ts';
import { openKey } from '#adapters/keys/index.ts';
import { reachOf } from '#adapters/webhook/index.ts';
import { SqlChangeStore } from '#adapters/sql/index.ts';
import type { Git } from '#domain/git.ts';
import type { RepoId } from '#domain/ids.ts';
import { patchArguments } from '#evidence/index.ts';
import type { MergeResolver } from '#train/index.ts';
import { gitServer, gitToken } from '../tenants/git-access.ts';
import type { House } from '../house.ts';
import type { Tools } from './tools.ts';

export type GitParts = Pick<
  House,
  | 'git'
  | 'objects'
  | 'forge'
  | 'resolver'
  | 'imports'
  | 'repoDir'
  | 'removeTenantFolders'
  | 'patch'
  | 'gitHttp'
  | 'gitToken'
>;

/** Repositories, changes, and how git clients reach them. */
export async function gitParts(tools: Tools, { store }: Pick<House, 'store'>): Promise<GitParts> {
  const { clock, ids, log, random, dataDir, searchPath } = tools;
  const place = { searchPath, home: tools.machine.home };
  const git = gitOn(place);
  const objects = new GitObjectStore({ git });
  const repoDir = (repo: RepoId): string => repoDirIn(dataDir, repo);
  const changes = new SqlChangeStore({ sql: store.truth });
  const forge = new LocalForge({ git, objects, changes, repoDir, ids, clock });
  const access = await openKey({ dir: join(dataDir, 'keys'), name: 'access', algorithm: 'ed25519', random });
  const token = await gitToken(access);
  return {
    git,
    objects,
    forge,
    resolver: lazyResolver(git),
    repoDir,
    removeTenantFolders: (tenant) => removeTenantFolders(dataDir, tenant),
    imports: {
      add: (request) => addRepository({ git, dataDir, roots: 'any' }, request),
      reachOf: (origin) => reachOf(origin, tools.settings['repo.hosts']),
    },
    patch: async (repo, from, to) => (await git.run({ gitDir: repoDir(repo), args: patchArguments(from, to) })).stdout,
    gitHttp: gitServer({ place, forge, log, repoDir }),
    gitToken: token,
  };
}

/** The resolver brings a compiler, so it is loaded when the first conflict comes. */
function lazyResolver(git: Git): MergeResolver {
  return {
    resolve: async (file, tree) => {
      const { mergeResolver } = await import('#merge/index.ts');
      return mergeResolver(gitLineMerger(git)).resolve(file, tree);
    },
  };
}
