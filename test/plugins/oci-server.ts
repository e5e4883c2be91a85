import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A registry with just the endpoints of the distribution API that push and pull use. As the large ones do, it answers 401
 * with a realm, where a token for one repository is given against the password.
 */
export async function registryServer(login: { user: string; token: string }) {
  const basic = `Basic ${Buffer.from(`${login.user}:${login.token}`).toString('base64')}`;
  const logins: string[] = [];
  const blobs = new Map<string, Buffer>();
  const manifests = new Map<string, Buffer>();
  const server = createServer((request, response) => {
    void answer(request).then(({ status, headers = {}, body }) => response.writeHead(status, headers).end(body));
  });
  const answer = async (
    request: IncomingMessage,
  ): Promise<{ status: number; headers?: { [name: string]: string }; body?: Buffer | string }> => {
    const url = new URL(request.url ?? '', 'http://x');
    const scope = url.searchParams.get('scope') ?? '';
    if (url.pathname === '/token') {
      if (request.headers.authorization !== basic) return { status: 401 };
      logins.push(scope);
      return { status: 200, body: JSON.stringify({ token: `for ${scope}` }) };
    }
    const [, wanted = ''] = /^\/v2\/(.+)\/(?:blobs|manifests|tags)\//.exec(url.pathname) ?? [];
    if (request.headers.authorization !== `Bearer for ${wanted}`) {
      const realm = `Bearer realm="http://${request.headers.host}/token",service="double",scope="${wanted}"`;
      return { status: 401, headers: { 'www-authenticate': realm } };
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const [, repository = '', kind = '', reference = ''] =
      /^\/v2\/(.+)\/(blobs|manifests|tags)\/(.*)$/.exec(url.pathname) ?? [];
    const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`;
    if (kind === 'blobs' && request.method === 'POST')
      return { status: 202, headers: { location: `/v2/${repository}/blobs/uploads/1?state=x` } };
    if (kind === 'blobs' && request.method === 'PUT') {
      if (url.searchParams.get('digest') !== digest) return { status: 400 };
      blobs.set(digest, body);
      return { status: 201 };
    }
    if (kind === 'blobs') {
      const blob = blobs.get(reference);
      return blob === undefined ? { status: 404 } : { status: 200, body: request.method === 'HEAD' ? '' : blob };
    }
    if (kind === 'manifests' && request.method === 'PUT') {
      manifests.set(`${repository}:${reference}`, body);
      manifests.set(`${repository}:${digest}`, body);
      return { status: 201 };
    }
    if (kind === 'manifests') {
      const manifest = manifests.get(`${repository}:${reference}`);
      return manifest === undefined ? { status: 404 } : { status: 200, body: manifest };
    }
    const tags = [...manifests.keys()].flatMap((key) =>
      key.startsWith(`${repository}:`) && !key.includes('sha256:') ? [key.slice(repository.length + 1)] : [],
    );
    return { status: 200, body: JSON.stringify({ name: repository, tags }) };
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    blobs,
    logins,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}
