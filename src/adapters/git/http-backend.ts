import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { drained } from '#kernel/drained.ts';
import type { GitRequest } from './http-request.ts';
import { type GitPlace, startGit } from './run.ts';

/** Settings under which programs of git serve; what the command list allows is checked before they start. */
const SERVING = [
  'http.receivepack=true',
  'http.getanyfile=false',
  'transfer.hideRefs=refs/maestro',
  'receive.fsckObjects=true',
  'receive.denyDeletes=true',
  'receive.autogc=false',
  'receive.maxInputSize=2g',
  'uploadpack.allowFilter=true',
];

/** One request and its answer. */
export interface Exchange {
  readonly repoDir: string;
  readonly wanted: GitRequest;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: AsyncIterator<Buffer>;
  /** Done before the client is told that it worked. */
  readonly afterwards?: () => Promise<void>;
}

/** Runs `git http-backend` for a request that was allowed. */
export async function runBackend(place: GitPlace, exchange: Exchange): Promise<void> {
  const { response, body, afterwards } = exchange;
  const settings = SERVING.flatMap((setting) => ['-c', setting]);
  const child = startGit({ args: [...settings, 'http-backend'], env: cgiEnvironment(exchange) }, place);
  const hangUp = (): boolean => child.kill();
  response.on('close', hangUp);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  try {
    // The program may end before it has read everything: its answer says why.
    const sending = pipeline(Readable.from(iterate(body)), child.stdin).catch(() => undefined);
    await Promise.all([relay(child, response), ended]);
    await sending;
    await afterwards?.();
    response.end();
  } finally {
    response.off('close', hangUp);
    child.kill();
  }
}

function iterate(body: AsyncIterator<Buffer>): AsyncIterable<Buffer> {
  return { [Symbol.asyncIterator]: () => body };
}

/** RFC 3875; the body comes unzipped, so its length is not known. */
function cgiEnvironment({ wanted, request, repoDir }: Exchange): { [name: string]: string } {
  const protocol = String(request.headers['git-protocol'] ?? '');
  return {
    GIT_PROJECT_ROOT: repoDir,
    GIT_HTTP_EXPORT_ALL: '1',
    PATH_INFO: wanted.advertise ? '/info/refs' : `/${wanted.service}`,
    QUERY_STRING: wanted.advertise ? `service=${wanted.service}` : '',
    REQUEST_METHOD: request.method ?? '',
    CONTENT_TYPE: request.headers['content-type'] ?? '',
    REMOTE_ADDR: request.socket.remoteAddress ?? '',
    ...(/^version=[0-9]$/.test(protocol) ? { GIT_PROTOCOL: protocol } : {}),
  };
}

/** Header lines up to an empty one, then the body as it comes. */
async function relay(child: ChildProcessWithoutNullStreams, response: ServerResponse): Promise<void> {
  child.stderr.resume();
  let head = Buffer.alloc(0);
  let started = false;
  const chunks: AsyncIterator<Buffer> = child.stdout[Symbol.asyncIterator]();
  for await (const chunk of iterate(chunks)) {
    let rest = chunk;
    if (!started) {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end === -1) continue;
      startAnswer(response, head.toString('latin1', 0, end));
      rest = head.subarray(end + 4);
      started = true;
    }
    if (rest.length > 0 && !response.write(rest)) await drained(response);
  }
  if (!started) throw new Error('git http-backend gave no answer');
}

function startAnswer(response: ServerResponse, head: string): void {
  for (const line of head.split('\r\n')) {
    const colon = line.indexOf(':');
    const [name, value] = [line.slice(0, colon), line.slice(colon + 1).trim()];
    if (name.toLowerCase() === 'status') response.statusCode = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
}
