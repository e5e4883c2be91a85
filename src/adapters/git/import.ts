import { appendFile, mkdir, realpath, rename, stat, statfs, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { removeTree } from '#adapters/files/remove-tree.ts';
import type { Git } from '#domain/git.ts';
import type { GitOid, RepoId, TenantId } from '#domain/ids.ts';
import type { Repository } from '#domain/repository.ts';
import { gitFault } from './errors.ts';
import { exists } from './folders.ts';
import { chooseBranch, readHeads, unreachable } from './remote-heads.ts';
import { branchHead } from './refs.ts';
import { repoDirIn, repoId } from './repo-dir.ts';
import { makeScratch, sweepScratch } from './scratch.ts';
import { type AllowedRoots, nameOf, readSource, type Source, withoutSecret } from './source.ts';
import { refuseSubmodules } from './submodules.ts';
import { warningsOf } from './import-warnings.ts';

export interface AddRequest {
  readonly tenant: TenantId;
  /** A path or an address, as a person gives it. */
  readonly source: string;
  /** Of the source when not given. */
  readonly name?: string;
  /** The branch that HEAD of the source names when not given. */
  readonly branch?: string;
  readonly onProgress?: (line: string) => void;
  readonly signal?: AbortSignal;
  /** Addresses that the name in the source stands for; it is fetched from these and nowhere else, whatever it is answered. */
  readonly pinned?: readonly string[];
}

export interface AddedRepository {
  readonly repository: Repository;
  /** False when it was there already, from the same origin. */
  readonly created: boolean;
  /** What a person should know, in whole sentences. */
  readonly warnings: readonly string[];
}

// Workspaces borrow objects, so none is ever pruned; what a ref names is on the disk before the ref is.
const CONFIG = `[gc]
\tauto = 0
[core]
\tfsync = committed,loose-object,reference
\tlogAllRefUpdates = false
`;

/** A fetch that failed with less than this free has failed for want of space. */
const LEAST_FREE_BYTES = 1024 * 1024;

/**
 * Takes a repository into the data directory: a bare copy of all branches and tags, with objects of its own. The source is only
 * read, its working tree is not touched. Natural key (tenant, name): again from the same origin gives what is there.
 */
export async function addRepository(
  { git, dataDir, roots }: { git: Git; dataDir: string; roots: AllowedRoots },
  request: AddRequest,
): Promise<AddedRepository> {
  const source = await readSource(git, request.source, roots, dataDir);
  const id = repoId(request.tenant, request.name ?? nameOf(source.origin));
  const final = repoDirIn(dataDir, id);
  const known = await existing(git, final, { id, tenant: request.tenant, origin: source.origin });
  if (known !== undefined) return known;

  const scratch = await makeIncoming(dataDir, dirname(final));
  try {
    const env = { ...(await trusting(scratch, source)), ...pinning(source, request.pinned) };
    const address = source.kind === 'path' ? source.origin : source.address;
    const heads = await readHeads(git, { address, env }, request.signal);
    const branch = chooseBranch(source.origin, heads, request.branch);
    const bare = join(scratch, 'bare.git');
    await makeBare(git, bare, branch, source.origin);
    await fetchAll(git, bare, { address, env }, request);
    const head = await branchHead(git, bare, branch);
    if (head === null)
      throw gitFault('BRANCH_MISSING', `${branch} of ${source.origin} is for changes; name another one`);
    await refuseSubmodules(git, bare, head);
    const warnings = await warningsOf(git, { bare, head, source, env, dataDir });
    if (!(await renamed(bare, final))) {
      const other = await existing(git, final, { id, tenant: request.tenant, origin: source.origin });
      if (other !== undefined) return other;
    }
    const repository = { id, tenant: request.tenant, name: basename(id), defaultBranch: branch, head };
    return { repository: { ...repository, origin: source.origin }, created: true, warnings };
  } finally {
    await removeTree(scratch);
  }
}

async function existing(
  git: Git,
  dir: string,
  wanted: { id: RepoId; tenant: TenantId; origin: string },
): Promise<AddedRepository | undefined> {
  if (!(await exists(dir))) return undefined;
  const origin = await git.text({ args: ['config', '--local', '--get', 'maestro.origin'], gitDir: dir });
  if (origin !== wanted.origin) {
    throw gitFault('NAME_TAKEN', `${wanted.id} is there already, taken from ${origin} and not from ${wanted.origin}`);
  }
  const ref = await git.text({ args: ['symbolic-ref', 'HEAD'], gitDir: dir });
  const defaultBranch = ref.slice('refs/heads/'.length);
  // The cast is true: the default branch of a repository that was taken in has a commit.
  const head = (await branchHead(git, dir, defaultBranch)) as GitOid;
  const { id, tenant } = wanted;
  return { repository: { id, tenant, name: basename(id), defaultBranch, head, origin }, created: false, warnings: [] };
}

/** An empty folder beside the final place, so that a rename takes it there whole. */
async function makeIncoming(dataDir: string, tenantDir: string): Promise<string> {
  try {
    await mkdir(tenantDir, { recursive: true });
    const inside = join(await realpath(dataDir), 'repos', basename(tenantDir));
    if ((await realpath(tenantDir)) !== inside) {
      throw gitFault('DATA_DIR_NOT_WRITABLE', `${tenantDir} leads outside the data directory`);
    }
    await sweepScratch(tenantDir, '.incoming');
    return await makeScratch(tenantDir, '.incoming');
  } catch (cause) {
    if (!(cause instanceof Error) || !('syscall' in cause)) throw cause;
    throw gitFault('DATA_DIR_NOT_WRITABLE', `nothing can be written to ${tenantDir}: ${cause.message}`, { cause });
  }
}

/** The caller named this repository, so git may read it whoever owns it. It starts no program of it when it is read so. */
async function trusting(scratch: string, source: Source): Promise<{ readonly [name: string]: string }> {
  if (source.kind === 'address') return {};
  const file = join(scratch, 'trust');
  const directories = [source.origin, source.gitDir].map((path) => `\tdirectory = ${JSON.stringify(path)}\n`);
  await writeFile(file, `[safe]\n${directories.join('')}`);
  return { GIT_CONFIG_GLOBAL: file, GIT_NO_LAZY_FETCH: '1' };
}

/** No redirect is followed, and a name means what it meant when policy was asked. */
function pinning(source: Source, addresses: readonly string[] | undefined): { readonly [name: string]: string } {
  if (source.kind === 'path' || addresses === undefined || !/^https?:/.test(source.address)) return {};
  const { hostname, port, protocol } = new URL(source.address);
  const at = `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}:${addresses.join(',')}`;
  return {
    GIT_CONFIG_COUNT: '2',
    GIT_CONFIG_KEY_0: 'http.followRedirects',
    GIT_CONFIG_VALUE_0: 'false',
    GIT_CONFIG_KEY_1: 'http.curloptResolve',
    GIT_CONFIG_VALUE_1: at,
  };
}

async function makeBare(git: Git, bare: string, branch: string, origin: string): Promise<void> {
  await git.run({ args: ['init', '--quiet', '--bare', '--template=', `--initial-branch=${branch}`, bare] });
  await appendFile(join(bare, 'config'), CONFIG);
  await git.run({ args: ['config', '--local', 'maestro.origin', origin], gitDir: bare });
}

/** Everything but branches that are named like those of changes. */
async function fetchAll(
  git: Git,
  bare: string,
  { address, env }: { address: string; env: { readonly [name: string]: string } },
  request: AddRequest,
): Promise<void> {
  const refs = ['+refs/heads/*:refs/heads/*', '^refs/heads/maestro/*', '+refs/tags/*:refs/tags/*'];
  const options = ['--no-write-fetch-head', '--no-auto-maintenance', '--update-shallow', '--progress'];
  const { onProgress, signal } = request;
  // What comes as one pack stays one: taken apart, every object would be compressed again.
  const args = ['-c', 'fetch.unpackLimit=1', 'fetch', ...options, '--', address, ...refs];
  await git
    .run({ args, gitDir: bare, env, ...(onProgress && { onProgress }), ...(signal && { signal }) })
    .catch(async (cause: unknown) => {
      if (await isFull(bare)) throw gitFault('DATA_DIR_NOT_WRITABLE', `the disk of ${bare} is full`);
      throw unreachable(address, cause);
    });
  if (await exists(join(bare, 'shallow'))) {
    throw gitFault('SHALLOW_REPOSITORY', `${withoutSecret(address)} does not have its whole history`);
  }
}

/** Git tells a full disk and a lost connection by words only, so the disk itself is asked. */
async function isFull(dir: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(dir);
  return bavail * bsize < LEAST_FREE_BYTES;
}

/** False when another process was first. */
async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (cause) {
    if ((await stat(to).catch(() => undefined))?.isDirectory()) return false;
    throw gitFault('DATA_DIR_NOT_WRITABLE', `${to} cannot be made`, { cause });
  }
}
