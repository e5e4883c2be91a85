import { realpath, stat } from 'node:fs/promises';
import { basename, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Git } from '#domain/git.ts';
import { gitFault } from './errors.ts';

/** Where a repository is taken from: a git directory on this machine, or an address. */
export type Source =
  | { readonly kind: 'path'; readonly origin: string; readonly gitDir: string; readonly workTree: string | null }
  | { readonly kind: 'address'; readonly origin: string; readonly address: string };

/** Which folders of this machine may be added from; `any` where the caller is the person at the machine. */
export type AllowedRoots = 'any' | readonly string[];

const SCHEMES = ['https:', 'http:', 'ssh:'];

/** Reads what a person gave as path or address. Paths are followed to where they really lead before they are judged. */
export async function readSource(git: Git, given: string, roots: AllowedRoots, dataDir: string): Promise<Source> {
  if (given.trim() === '') throw gitFault('SOURCE_NOT_FOUND', 'no path and no address was given');
  if (/^[A-Za-z0-9+.-]+::/.test(given)) throw notAllowed(given, 'it names a helper program');
  if (/^file:/i.test(given)) return pathSource(git, pathOfUrl(given), roots, dataDir);
  if (/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(given)) return addressSource(given);
  // As git itself reads it: a colon before the first slash makes it `[user@]host:path`.
  if (/^[^/]*:/.test(given) && !(await isThere(given))) {
    if (given.startsWith('-')) throw notAllowed(given, 'it begins with a dash');
    return { kind: 'address', origin: given, address: given };
  }
  return pathSource(git, given, roots, dataDir);
}

/** The last part of a path or address, as a repository name. */
export function nameOf(origin: string): string {
  const last = basename(origin.replace(/[/\\]+$/, '').replaceAll(':', '/'));
  return last
    .replace(/\.git$/, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[-._]+|[-._]+$/g, '');
}

/** Credentials serve for fetching only: they are no part of the origin that is kept and shown. */
function addressSource(given: string): Source {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url === undefined || url.hostname === '' || !SCHEMES.includes(url.protocol)) {
    throw notAllowed(withoutSecret(given), `only ${SCHEMES.map((scheme) => `${scheme}//`).join(', ')} are taken`);
  }
  const user = url.protocol === 'ssh:' && url.username !== '' ? `${url.username}@` : '';
  const origin = `${url.protocol}//${user}${url.host}${url.pathname.replace(/\/+$/, '')}`;
  return { kind: 'address', origin, address: given };
}

export function withoutSecret(text: string): string {
  return text.replace(/(:\/\/)[^/@\s]*@/g, '$1');
}

function pathOfUrl(given: string): string {
  try {
    return fileURLToPath(given);
  } catch (cause) {
    throw gitFault('SOURCE_NOT_ALLOWED', `${given} is no file of this machine`, { cause });
  }
}

async function pathSource(git: Git, given: string, roots: AllowedRoots, dataDir: string): Promise<Source> {
  const origin = await realpath(resolve(given)).catch((cause: unknown) => {
    throw gitFault('SOURCE_NOT_FOUND', `there is no folder ${given}`, { cause });
  });
  if (!(await stat(origin)).isDirectory()) throw gitFault('NOT_A_REPOSITORY', `${given} is not a folder`);
  const gitDir = await findGitDir(git, origin);
  if (gitDir === undefined) throw gitFault('NOT_A_REPOSITORY', `${given} is not a git repository`);

  const inside = await realpath(join(dataDir, 'repos')).catch(() => undefined);
  for (const path of [origin, gitDir]) {
    if (inside !== undefined && isInside(path, inside)) {
      throw notAllowed(given, 'it belongs to a tenant of this data directory');
    }
    if (roots !== 'any' && !(await isInsideAny(path, roots))) {
      throw notAllowed(given, `it leads to ${path}, outside the folders that may be added from`);
    }
  }
  return { kind: 'path', origin, gitDir, workTree: origin === gitDir ? null : origin };
}

/** The folder itself when it is bare, or what its `.git` leads to; never a repository further up. */
async function findGitDir(git: Git, origin: string): Promise<string | undefined> {
  for (const candidate of [join(origin, '.git'), origin]) {
    const args = ['rev-parse', '--resolve-git-dir', candidate];
    const found = await git.run({ args, cwd: origin, accept: [0, 128] });
    if (found.exitCode === 0) return realpath(resolve(origin, found.stdout.toString('utf8').replace(/\n$/, '')));
  }
  return undefined;
}

async function isInsideAny(path: string, roots: readonly string[]): Promise<boolean> {
  for (const root of roots) {
    const real = await realpath(root).catch(() => undefined);
    if (real !== undefined && isInside(path, real)) return true;
  }
  return false;
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function notAllowed(given: string, why: string): Error {
  return gitFault('SOURCE_NOT_ALLOWED', `${given} cannot be added: ${why}`);
}
