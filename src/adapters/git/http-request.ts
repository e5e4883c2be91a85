import type { IncomingMessage } from 'node:http';
import { createGunzip } from 'node:zlib';
import type { RepoId } from '#domain/ids.ts';
import { repoId } from './repo-dir.ts';

/** What a request wants, of the three that the smart protocol has (gitprotocol-http). */
export interface GitRequest {
  readonly repo: RepoId;
  readonly service: 'git-upload-pack' | 'git-receive-pack';
  /** True for the first request, which asks for the refs. */
  readonly advertise: boolean;
}

/** Undefined for whatever is none of the three, below another prefix, or of a name that no repository can have. */
export function readGitRequest(request: IncomingMessage, prefix: string): GitRequest | undefined {
  const [path = '', query = ''] = (request.url ?? '').split('?', 2);
  if (!path.startsWith(`${prefix}/`)) return undefined;
  const parts = path.slice(prefix.length + 1).split('/');
  const [tenant = '', folder = ''] = parts;
  const what = parts.slice(2).join('/');
  const service = what === 'info/refs' ? new URLSearchParams(query).get('service') : what;
  if (service !== 'git-upload-pack' && service !== 'git-receive-pack') return undefined;
  if (!folder.endsWith('.git') || request.method !== (what === 'info/refs' ? 'GET' : 'POST')) return undefined;
  try {
    const repo = repoId(tenant, folder.slice(0, -'.git'.length));
    return { repo, service, advertise: what === 'info/refs' };
  } catch {
    return undefined; // a name that no repository can have
  }
}

/** The secret of `Authorization: Bearer`, or the password of `Basic` (the user name when there is none). */
export function tokenOf(request: IncomingMessage): string | undefined {
  const [scheme = '', value = ''] = (request.headers.authorization ?? '').split(' ', 2);
  if (value === '') return undefined;
  if (scheme.toLowerCase() === 'bearer') return value;
  if (scheme.toLowerCase() !== 'basic') return undefined;
  const [, user = '', password = ''] = /^([^:]*):?(.*)$/s.exec(Buffer.from(value, 'base64').toString('utf8')) ?? [];
  return password || user || undefined;
}

/** The body as git wrote it, or undefined for an encoding that git does not use. */
export function bodyOf(request: IncomingMessage): AsyncIterator<Buffer> | undefined {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity') return request[Symbol.asyncIterator]();
  if (encoding !== 'gzip' && encoding !== 'x-gzip') return undefined;
  const unzipped = createGunzip();
  request.on('error', (cause) => unzipped.destroy(cause));
  return request.pipe(unzipped)[Symbol.asyncIterator]();
}
