import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startProxy } from './proxy.ts';

const target = createServer((incoming, response) => response.end(`hello ${incoming.url}`));
let folder = '';
let host = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'proxy-'));
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', () => resolve()));
  host = `127.0.0.1:${(target.address() as AddressInfo).port}`;
});
afterAll(async () => {
  target.closeAllConnections();
  target.close();
  await rm(folder, { recursive: true, force: true });
});

/** What comes back through the proxy's socket for these bytes. */
function say(socketPath: string, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(socketPath, () => socket.write(bytes));
    let answer = '';
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      answer += text;
      if (answer.startsWith('HTTP/1.1 200 Connection') && !answer.includes('hello')) {
        socket.write('GET /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
      }
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', () => resolve(answer));
  });
}

function get(socketPath: string, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path }, (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end();
  });
}

describe('the proxy', () => {
  it('carries bytes to an allowed host, and nothing to another', async () => {
    const socket = join(folder, 'a');
    await using proxy = await startProxy({ socket, hosts: [host] });

    const allowed = await say(socket, `CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    const denied = await say(socket, `CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: x\r\n\r\n`);

    expect(allowed).toContain('hello /x');
    expect(denied).toBe('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
    expect([...proxy.denied]).toEqual(['127.0.0.1:22']);
  });

  it('forwards plain requests by the same list', async () => {
    const socket = join(folder, 'b');
    await using proxy = await startProxy({ socket, hosts: [host] });

    expect(await get(socket, `http://${host}/y`)).toBe(200);
    expect(await get(socket, 'http://example.invalid/y')).toBe(403);
    expect(await get(socket, '/y')).toBe(403);
    expect([...proxy.denied]).toEqual(['example.invalid:80']);
  });

  it('tells what was allowed and could not be reached', async () => {
    const socket = join(folder, 'c');
    await using proxy = await startProxy({ socket, hosts: ['127.0.0.1:9'] });

    const answer = await say(socket, `CONNECT 127.0.0.1:9 HTTP/1.1\r\nHost: x\r\n\r\n`);

    expect(answer).toContain('502');
    expect([...proxy.unreachable]).toEqual(['127.0.0.1:9 (ECONNREFUSED)']);
  });

  it.each([
    ['example.org', 'example.org:443', true],
    ['example.org', 'example.org:80', true],
    ['example.org', 'example.org:8443', false],
    ['example.org:8443', 'example.org:8443', true],
    ['example.org:8443', 'example.org:443', false],
    ['Example.ORG', 'EXAMPLE.org:443', true],
    ['*.example.org', 'a.b.example.org:443', true],
    ['*.example.org', 'example.org:443', false],
    ['*.example.org', 'badexample.org:443', false],
    ['example.org', 'example.org.evil.invalid:443', false],
  ])('takes %s so that %s is allowed: %s', async (entry, asked, isAllowed) => {
    const socket = join(folder, `d${Math.random()}`);
    await using proxy = await startProxy({ socket, hosts: [entry] });
    // Only whether it was refused is looked at, so nothing needs to answer; the connection is cut at once.
    const client = connect(socket, () => client.write(`CONNECT ${asked} HTTP/1.1\r\nHost: x\r\n\r\n`));
    if (!isAllowed) await new Promise((resolve) => client.once('data', resolve));
    else await new Promise((resolve) => setTimeout(resolve, 30));
    client.destroy();

    expect(proxy.denied.size).toBe(isAllowed ? 0 : 1);
  });
});
