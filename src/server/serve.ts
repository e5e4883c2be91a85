import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { House } from '#app/house.ts';
import { statusOf } from '#app/status-view.ts';
import { changePage, taskPage } from './detail-pages.ts';
import { statusPage } from './status-page.ts';

export interface Served extends AsyncDisposable {
  readonly url: string;
}

/** Serves the status page, its JSON, task and change pages, and the repositories over smart HTTP. */
export async function serve(house: House, at: { readonly host: string; readonly port: number }): Promise<Served> {
  const server = createServer((request, response) => {
    answer(house, request, response).catch((error: unknown) => {
      house.log.log('error', 'a request failed', { path: request.url ?? '', error: String(error) });
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' });
      response.end('internal error\n');
    });
  });
  server.requestTimeout = 0; // a large push takes as long as it takes
  server.listen(at.port, at.host);
  await once(server, 'listening'); // rejects with the server's error
  const listening = server.address();
  if (listening === null || typeof listening === 'string') throw new Error('the server listens on no port');
  const { address, port } = listening;
  return {
    url: `http://${address.includes(':') ? `[${address}]` : address}:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function answer(house: House, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = new URL(request.url ?? '/', 'http://localhost').pathname;
  if (path.startsWith('/git/')) return house.gitHttp(request, response);
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return send(response, 405, 'text/plain', 'only GET here\n');
  const html = 'text/html; charset=utf-8';
  if (path === '/') return send(response, 200, html, statusPage(await statusOf(house)));
  if (path === '/status.json') {
    return send(response, 200, 'application/json', `${JSON.stringify(await statusOf(house))}\n`);
  }
  const [, kind, id = ''] = path.split('/');
  const page =
    kind === 'tasks' ? await taskPage(house, id) : kind === 'changes' ? await changePage(house, id) : undefined;
  return page === undefined
    ? send(response, 404, 'text/plain', 'there is nothing here; see /\n')
    : send(response, 200, html, page);
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'content-type': type,
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}
