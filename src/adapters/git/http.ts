import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from '#kernel/log.ts';
import type { PrincipalId, RepoId } from '#domain/ids.ts';
import { exists } from './folders.ts';
import { runBackend } from './http-backend.ts';
import { bodyOf, readGitRequest, tokenOf } from './http-request.ts';
import { NotAPush, type PushRequest, readPush, refusal } from './push-commands.ts';
import type { GitPlace } from './run.ts';

export type Access =
  | { readonly kind: 'granted'; readonly by: PrincipalId }
  /** No token, or one that nobody has: the client is asked for one. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'denied'; readonly why: string };

export interface GitHttpOptions {
  readonly place: GitPlace;
  /** Path before `/<tenant>/<name>.git`, without a slash at its end: `/git`. */
  readonly prefix: string;
  readonly repoDir: (repo: RepoId) => string;
  readonly authorise: (request: { repo: RepoId; write: boolean; token: string | undefined }) => Promise<Access>;
  /** Why a ref must not be pushed to, in a few words; undefined when it may be. */
  readonly pushProblem: (repo: RepoId, ref: string) => Promise<string | undefined>;
  /** Called before the client is told that its push has worked. */
  readonly onPushed: (push: { repo: RepoId; refs: readonly string[]; by: PrincipalId }) => Promise<void>;
  readonly log: Log;
}

/**
 * Serves repositories to the ordinary git client by the smart HTTP protocol, through `git http-backend`. Who may do what is asked
 * before anything runs. A push is judged by its own command list, so no hook has to be trusted.
 */
export function gitHttp(
  options: GitHttpOptions,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    try {
      await serve(options, request, response);
    } catch (cause) {
      options.log.log('warn', 'git over http failed', { url: request.url ?? '', why: String(cause) });
      if (!response.headersSent) answer(response, 500, 'this request failed; the log of the server says why');
      else response.destroy();
    }
  };
}

async function serve(options: GitHttpOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const wanted = readGitRequest(request, options.prefix);
  if (wanted === undefined) return answer(response, 404, 'there is no such repository');
  const write = wanted.service === 'git-receive-pack';
  const access = await options.authorise({ repo: wanted.repo, write, token: tokenOf(request) });
  if (access.kind === 'unknown') {
    response.setHeader('WWW-Authenticate', 'Basic realm="maestro", charset="UTF-8"');
    return answer(response, 401, 'give a token as the password');
  }
  if (access.kind === 'denied') return answer(response, 403, access.why);
  if (!(await exists(options.repoDir(wanted.repo)))) return answer(response, 404, 'there is no such repository');
  const body = bodyOf(request);
  if (body === undefined) return answer(response, 415, 'only gzip is understood');

  const { place } = options;
  const repoDir = options.repoDir(wanted.repo);
  if (wanted.advertise || !write) return runBackend(place, { repoDir, wanted, request, response, body });
  const push = await readPush(body).catch((cause: unknown) => {
    if (cause instanceof NotAPush) return cause;
    throw cause;
  });
  if (push instanceof NotAPush) return answer(response, 400, `this is no push: ${push.message}`);
  const problems = await problemsOf(options, wanted.repo, push);
  if (problems.size > 0) return refuse(response, body, push, problems);
  const refs = push.commands.map((command) => command.ref);
  const afterwards = (): Promise<void> => options.onPushed({ repo: wanted.repo, refs, by: access.by });
  return runBackend(place, { repoDir, wanted, request, response, body: chain(push.read, body), afterwards });
}

async function problemsOf(options: GitHttpOptions, repo: RepoId, push: PushRequest): Promise<Map<string, string>> {
  const problems = new Map<string, string>();
  for (const { ref, deletes } of push.commands) {
    const problem = (await options.pushProblem(repo, ref)) ?? (deletes ? 'branches of changes are kept' : undefined);
    if (problem !== undefined) problems.set(ref, problem);
  }
  return problems;
}

/** The client reads no answer before it has sent its whole pack. */
async function refuse(
  response: ServerResponse,
  body: AsyncIterator<Buffer>,
  push: PushRequest,
  problems: ReadonlyMap<string, string>,
): Promise<void> {
  while ((await body.next()).done !== true);
  response.writeHead(200, { 'Content-Type': 'application/x-git-receive-pack-result', 'Cache-Control': 'no-cache' });
  response.end(refusal(push, problems));
}

async function* chain(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

/** Closes the connection, since what the client still sends is not read. */
function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close' });
  response.end(`${text}\n`);
}
