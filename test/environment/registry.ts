import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TestPackage {
  readonly manifest: { readonly [key: string]: unknown };
  readonly files: { readonly [path: string]: string };
}

export interface Certificate {
  readonly key: string;
  readonly cert: string;
  /** Where `cert` lies. */
  readonly file: string;
}

export interface TestRegistry extends AsyncDisposable {
  readonly url: string;
  /** Paths asked for, in order. */
  readonly asked: string[];
  integrity(name: string): string;
}

/** A package registry on loopback that has exactly these packages, each in version 1.0.0. */
export async function startRegistry(
  packages: { readonly [name: string]: TestPackage },
  tls?: Certificate,
): Promise<TestRegistry> {
  const tarballs = new Map(Object.entries(packages).map(([name, each]) => [name, pack(name, each)]));
  const asked: string[] = [];
  const integrity = (name: string): string =>
    `sha512-${createHash('sha512')
      .update(tarballs.get(name) ?? '')
      .digest('base64')}`;
  const answer: RequestListener = (request, response) => {
    asked.push(request.url ?? '');
    const [, name = '', kind] = (request.url ?? '').split('/');
    const tarball = tarballs.get(name);
    if (tarball === undefined)
      return response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"not found"}');
    if (kind === '-') return response.writeHead(200).end(tarball);
    const dist = { tarball: `${url}${name}/-/${name}-1.0.0.tgz`, integrity: integrity(name) };
    const version = { name, version: '1.0.0', ...packages[name]?.manifest, dist };
    const document = { name, 'dist-tags': { latest: '1.0.0' }, versions: { '1.0.0': version } };
    return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document));
  };
  const server = tls === undefined ? createServer(answer) : createTlsServer(tls, answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  const url = `${tls === undefined ? 'http://127.0.0.1' : 'https://localhost'}:${typeof address === 'object' ? address?.port : ''}/`;
  return {
    url,
    asked,
    integrity,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A certificate that nobody signed but itself, for loopback. */
export function selfSigned(): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'certificate-'));
  const [keyFile, file] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', keyFile];
  const subject = ['-subj', '/CN=registry', '-addext', 'subjectAltName=DNS:localhost', '-days', '2', '-out', file];
  execFileSync('openssl', ['req', '-x509', ...key, ...subject], { stdio: 'ignore' });
  chmodSync(folder, 0o755);
  return { key: readFileSync(keyFile, 'utf8'), cert: readFileSync(file, 'utf8'), file };
}

function pack(name: string, { manifest, files }: TestPackage): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'pack-'));
  mkdirSync(join(folder, 'package'));
  writeFileSync(join(folder, 'package/package.json'), JSON.stringify({ name, version: '1.0.0', ...manifest }));
  for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, 'package', path), text);
  // Equal packages have equal checksums, whichever registry packs them and when.
  execFileSync('tar', ['-czf', 'out.tgz', '--mtime=@0', '--sort=name', 'package'], { cwd: folder });
  const tarball = readFileSync(join(folder, 'out.tgz'));
  rmSync(folder, { recursive: true });
  return tarball;
}
