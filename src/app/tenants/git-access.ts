import { sha256 } from '#kernel/digest.ts';
import type { Log } from '#kernel/log.ts';
import { gitHttp, type GitPlace, type LocalForge } from '#adapters/git/index.ts';
import type { RepoId } from '#domain/ids.ts';
import type { Signer } from '#evidence/index.ts';
import type { House } from '../house.ts';

/** A secret made from a key of the data directory: the same each time, and known to whoever may read that. */
export async function derivedSecret(access: Signer, purpose: string): Promise<string> {
  return sha256(await access.sign(Buffer.from(purpose)));
}

/** The token that git clients give as password on this machine. */
export async function gitToken(access: Signer): Promise<string> {
  return derivedSecret(access, 'git access');
}

/** Serves the repositories below `/git/` to whom `authorise` lets in: read all, push to branches of open changes. */
export function gitServer(parts: {
  readonly place: GitPlace;
  readonly forge: LocalForge;
  readonly log: Log;
  repoDir(repo: RepoId): string;
}): House['gitHttp'] {
  const { place, forge, log } = parts;
  return (authorise) =>
    gitHttp({
      place,
      prefix: '/git',
      repoDir: (repo) => parts.repoDir(repo),
      authorise,
      pushProblem: (repo, ref) => forge.pushProblem(repo, ref),
      onPushed: ({ repo }) => forge.sync(repo),
      log,
    });
}
