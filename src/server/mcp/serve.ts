import { createMcpHandler } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { timingSafeEqual } from 'node:crypto';
import type { House } from '#app/open.ts';
import { guardHost } from '../host-guard.ts';
import type { Served } from '../serve.ts';
import { type McpCaller, mcpServer } from './tools.ts';

/** Speaks MCP on standard input and output until the other side closes them or the signal aborts. */
export async function mcpOnStdio(
  house: House,
  caller: McpCaller,
  stdin: NodeJS.ReadStream,
  signal: AbortSignal,
): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    stdin.once('end', () => resolve());
    stdin.once('close', () => resolve());
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const handle = serveStdio(() => mcpServer(house, caller));
  await ended;
  await handle.close();
}

/** Serves MCP at `/mcp` (streamable HTTP) to whoever has the access token of the data directory. */
export async function serveMcp(
  house: House,
  caller: McpCaller,
  at: { readonly host: string; readonly port: number },
): Promise<Served> {
  const handler = createMcpHandler(() => mcpServer(house, caller));
  const app = fastify({ logger: false, forceCloseConnections: true, requestTimeout: 0, bodyLimit: 4 * 1024 * 1024 });
  guardHost(app, house);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.all('/mcp', async (request, reply) => {
    if (!knows(request, house.gitToken))
      return reply.code(401).header('www-authenticate', 'Bearer').send('unauthorised\n');
    return passOn(await handler.fetch(asked(request, reply)), reply);
  });
  const url = await app.listen({ host: at.host, port: at.port });
  return {
    url: `${url}/mcp`,
    [Symbol.asyncDispose]: async () => {
      await handler.close();
      await app.close();
    },
  };
}

function knows({ headers }: FastifyRequest, token: string): boolean {
  const [given, own] = [Buffer.from(headers.authorization ?? ''), Buffer.from(`Bearer ${token}`)];
  return given.length === own.length && timingSafeEqual(given, own);
}

function asked(request: FastifyRequest, reply: FastifyReply): Request {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers))
    if (value !== undefined) headers.set(name, String(value));
  const body = typeof request.body === 'string' ? { body: request.body } : {};
  return new Request(`http://localhost${request.url}`, {
    method: request.method,
    headers,
    signal: gone.signal,
    ...body,
  });
}

function passOn(answer: Response, reply: FastifyReply): FastifyReply {
  void reply.code(answer.status).headers(Object.fromEntries(answer.headers));
  return reply.send(answer.body ?? '');
}
