import { join } from 'node:path';
import type { RepoId } from '#domain/ids.ts';
import { gitFault } from './errors.ts';

const TENANT = /^[a-z0-9][a-z0-9-]{0,62}$/;
const NAME = /^[a-z0-9][a-z0-9._-]{0,99}$/;

/** `<tenant>/<name>`. The name must make a plain folder name on every system and a plain part of an address. */
export function repoId(tenant: string, name: string): RepoId {
  if (!TENANT.test(tenant)) throw gitFault('NAME_INVALID', `${JSON.stringify(tenant)} is no name of a tenant`);
  if (!NAME.test(name) || name.endsWith('.') || /\.(git|lock)$/.test(name)) {
    throw gitFault('NAME_INVALID', `${JSON.stringify(name)} is no name for a repository`);
  }
  // The cast is true: both parts were checked.
  return `${tenant}/${name}` as RepoId;
}

/** The bare repository of an id; throws on ids that could lead elsewhere. */
export function repoDirIn(dataDir: string, repo: RepoId): string {
  const [tenant = '', name = '', ...more] = repo.split('/');
  if (more.length > 0) throw gitFault('NAME_INVALID', `${JSON.stringify(repo)} is no repository id`);
  // The cast is true once repoId has not thrown: it checks the name.
  return join(dataDir, 'repos', `${repoId(tenant, name)}.git`);
}
