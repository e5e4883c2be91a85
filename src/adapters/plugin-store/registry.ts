import { createHash } from 'node:crypto';
import { PluginStoreError } from './errors.ts';
import type { Registry } from '#plugins/ports.ts';
import { answerChallenge, type RegistryCredentials, requireSafe } from './registry-login.ts';

const IMAGE = 'application/vnd.oci.image.manifest.v1+json';
const WAIT_MS = 30_000;
const MOST_BYTES = 64 * 1024 * 1024;

interface Asked {
  readonly method?: 'HEAD' | 'POST' | 'PUT';
  readonly body?: Uint8Array<ArrayBuffer>;
  readonly headers?: { readonly [name: string]: string };
}

/** A registry that speaks the OCI distribution API 1.1 at `url`. It is logged in to when it asks for that. */
export function ociRegistry(options: { url: string; credentials?: RegistryCredentials }): Registry {
  const { origin } = new URL(options.url);
  if (options.credentials !== undefined) requireSafe(new URL(options.url));
  /** The answer to the last challenge; a token is good for one scope, and another scope is another challenge. */
  let authorization: string | null = null;
  const send = async (address: URL, init: Asked): Promise<Response> => {
    // An upload may be continued at an address that the registry names: the login goes to the registry itself only.
    const own = address.origin === origin && authorization !== null ? { authorization } : {};
    try {
      const headers = { ...own, ...init.headers };
      return await fetch(address, { ...init, headers, signal: AbortSignal.timeout(WAIT_MS) });
    } catch (cause) {
      throw new PluginStoreError('REGISTRY_FAILED', `${address.origin} cannot be reached`, { cause });
    }
  };
  const request = async (path: string, init: Asked = {}): Promise<Response> => {
    const address = new URL(path, options.url);
    const response = await send(address, init);
    if (response.status !== 401 || address.origin !== origin) return response;
    const answer = await answerChallenge(response.headers.get('www-authenticate') ?? '', options.credentials);
    if (answer === null || answer === authorization) return response;
    authorization = answer;
    return send(address, init);
  };
  const expect = (response: Response, ...statuses: number[]): Response => {
    if (statuses.includes(response.status)) return response;
    throw new PluginStoreError('REGISTRY_FAILED', `${response.url} answered ${response.status}`);
  };
  const upload = async (repository: string, bytes: Uint8Array): Promise<void> => {
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    if ((await request(`/v2/${repository}/blobs/${digest}`, { method: 'HEAD' })).status === 200) return;
    const begun = expect(await request(`/v2/${repository}/blobs/uploads/`, { method: 'POST' }), 202);
    const location = new URL(begun.headers.get('location') ?? '', begun.url);
    location.searchParams.set('digest', digest);
    const type = { 'content-type': 'application/octet-stream' };
    expect(await request(location.href, { method: 'PUT', body: bytes.slice(), headers: type }), 201);
  };
  return {
    push: async (repository, reference, manifest, blobs) => {
      for (const blob of blobs) await upload(repository, blob);
      const type = { 'content-type': IMAGE };
      const path = `/v2/${repository}/manifests/${reference}`;
      expect(await request(path, { method: 'PUT', body: manifest.slice(), headers: type }), 201);
    },
    manifest: async (repository, reference) => {
      const response = await request(`/v2/${repository}/manifests/${reference}`, { headers: { accept: IMAGE } });
      return response.status === 404 ? null : readBounded(expect(response, 200));
    },
    blob: async (repository, digest) => readBounded(expect(await request(`/v2/${repository}/blobs/${digest}`), 200)),
    tags: async (repository) => {
      const body: unknown = await expect(await request(`/v2/${repository}/tags/list`), 200).json();
      const tags = typeof body === 'object' && body !== null && 'tags' in body ? body.tags : [];
      return Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : [];
    },
  };
}

async function readBounded(response: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  // The cast is true: the body of a response is a stream of bytes.
  for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += part.length;
    if (length > MOST_BYTES)
      throw new PluginStoreError('REGISTRY_FAILED', `${response.url} sent more than ${MOST_BYTES} bytes`);
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}
