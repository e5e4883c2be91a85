import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { chmod } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** A proxy on a Unix socket that lets through only named hosts. */
export interface EgressProxy extends AsyncDisposable {
  /** `host:port` of everything that was asked for and not allowed. */
  readonly denied: ReadonlySet<string>;
  /** `host:port (reason)` of what was allowed and could not be reached. */
  readonly unreachable: ReadonlySet<string>;
  /** Bytes that came back through it so far. */
  receivedBytes(): number;
}

/** `hosts` are names, `name:port`, or `*.example.org`; without a port 443 and 80 are meant. */
export async function startProxy(options: { socket: string; hosts: readonly string[] }): Promise<EgressProxy> {
  const denied = new Set<string>();
  const unreachable = new Set<string>();
  const open = new Set<Duplex>();
  let received = 0;
  const count = (chunk: Buffer): void => {
    received += chunk.length;
  };
  const isAllowed = (host: string, port: number): boolean => {
    const allowed = options.hosts.some((entry) => matches(entry, host, port));
    if (!allowed) denied.add(`${host}:${port}`);
    return allowed;
  };
  const failed = (host: string, port: number, fault: NodeJS.ErrnoException): void => {
    unreachable.add(`${host}:${port} (${fault.code ?? fault.message})`);
  };

  const server = createServer((incoming, response) => forward(incoming, response, { isAllowed, failed, count }));
  server.on('connection', (socket) => track(open, socket));
  server.on('connect', (incoming: IncomingMessage, client: Duplex, head: Buffer) => {
    const { host, port } = hostAndPort(incoming.url ?? '', 443);
    if (!isAllowed(host, port)) return refuse(client, '403 Forbidden');
    tunnel({ host, port, client, head, open, failed, count });
  });
  await listen(server, options.socket);
  return {
    denied,
    unreachable,
    receivedBytes: () => received,
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function matches(entry: string, host: string, port: number): boolean {
  const wanted = hostAndPort(entry, 0);
  if (wanted.port === 0 ? port !== 443 && port !== 80 : wanted.port !== port) return false;
  return wanted.host.startsWith('*.') ? host.endsWith(wanted.host.slice(1)) : wanted.host === host;
}

function hostAndPort(text: string, otherwise: number): { readonly host: string; readonly port: number } {
  const at = text.lastIndexOf(':');
  const port = at < 0 ? otherwise : Number(text.slice(at + 1));
  return { host: (at < 0 ? text : text.slice(0, at)).toLowerCase(), port };
}

function track(open: Set<Duplex>, socket: Duplex): void {
  open.add(socket);
  socket.on('close', () => open.delete(socket));
  // Either side may go away at any time; the other then ends too.
  socket.on('error', () => socket.destroy());
}

type Failed = (host: string, port: number, fault: Error) => void;

interface Tunnel {
  readonly host: string;
  readonly port: number;
  readonly client: Duplex;
  readonly head: Buffer;
  readonly open: Set<Duplex>;
  readonly failed: Failed;
  readonly count: (chunk: Buffer) => void;
}

/** HTTP CONNECT (RFC 9110, section 9.3.6): bytes both ways, unread. */
function tunnel({ host, port, client, head, open, failed, count }: Tunnel): void {
  const upstream: Socket = connect(port, host, () => {
    client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    upstream.write(head);
    upstream.pipe(client).pipe(upstream);
  });
  track(open, upstream);
  upstream.on('data', count);
  upstream.on('error', (fault) => {
    if (upstream.connecting || upstream.bytesRead === 0) failed(host, port, fault);
    refuse(client, '502 Bad Gateway');
  });
  upstream.on('close', () => client.end());
  client.on('close', () => upstream.destroy());
}

function refuse(client: Duplex, status: string): void {
  if (client.writable) client.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
}

/** Plain HTTP: the request line carries the whole address. */
function forward(
  incoming: IncomingMessage,
  response: ServerResponse,
  {
    isAllowed,
    failed,
    count,
  }: Pick<Tunnel, 'failed' | 'count'> & { isAllowed: (host: string, port: number) => boolean },
): void {
  const url = URL.parse(incoming.url ?? '');
  const port = Number(url?.port || 80);
  if (url?.protocol !== 'http:' || !isAllowed(url.hostname, port)) {
    response.writeHead(403).end();
    return;
  }
  const headers = { ...incoming.headers, host: url.host };
  const onward = request(url, { method: incoming.method ?? 'GET', headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.on('data', count);
    answer.pipe(response);
  });
  onward.on('error', (fault) => {
    failed(url.hostname, port, fault);
    if (!response.headersSent) response.writeHead(502);
    response.end();
  });
  incoming.pipe(onward);
}

async function listen(server: Server, socket: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, () => resolve());
  });
  // Programs of every tenant's user may connect; they see the socket only where it is put into their walls.
  await chmod(socket, 0o666);
}
