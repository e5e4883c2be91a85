import { timingSafeEqual } from 'node:crypto';
import { sha256 } from '#kernel/digest.ts';
import type { Log } from '#kernel/log.ts';
import { gitHttp, type GitPlace, type LocalForge } from '#adapters/git/index.ts';
import type { RepoId } from '#domain/ids.ts';
import type { Signer } from '#evidence/index.ts';
import type { House } from './house.ts';
import { person } from './principals.ts';

/** A secret made from a key of the data directory: the same each time, and known to whoever may read that. */
export async function derivedSecret(access: Signer, purpose: string): Promise<string> {
  return sha256(await access.sign(Buffer.from(purpose)));
}

/** The token that git clients give as password on this machine. */
export async function gitToken(access: Signer): Promise<string> {
  return derivedSecret(access, 'git access');
}

/** Serves the repositories below `/git/`: read all, push to branches of open changes. */
export function gitServer(parts: {
  readonly place: GitPlace;
  readonly forge: LocalForge;
  readonly log: Log;
  readonly token: string;
  readonly user: string;
  repoDir(repo: RepoId): string;
}): House['gitHttp'] {
  const { place, forge, log, token, user } = parts;
  return gitHttp({
    place,
    prefix: '/git',
    repoDir: (repo) => parts.repoDir(repo),
    authorise: ({ token: given }) => {
      if (given === undefined || !same(given, token)) return Promise.resolve({ kind: 'unknown' });
      return Promise.resolve({ kind: 'granted', by: person(user).id });
    },
    pushProblem: (repo, ref) => forge.pushProblem(repo, ref),
    onPushed: ({ repo }) => forge.sync(repo),
    log,
  });
}

function same(given: string, token: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}
