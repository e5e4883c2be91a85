import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { drained } from '#kernel/drained.ts';
import type { OpenGateway } from '#app/gateway/open-gateway.ts';
import {
  type ClientAnswer,
  type ClientCall,
  type FormatName,
  type Gateway,
  GatewayError,
  Stop,
} from '#gateway/index.ts';

const ROUTES: readonly (readonly [path: string, format: FormatName])[] = [
  ['/v1/chat/completions', 'chat'],
  ['/v1/responses', 'responses'],
  ['/v1/messages', 'messages'],
];

/** The gateway's routes. Bodies stay text, so that what is passed on is what came; answers go out as they come in. */
export function gatewayRoutes({ gateway, maxBody }: OpenGateway): FastifyPluginAsync {
  return async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: maxBody }, (_request, body, done) =>
      done(null, body),
    );
    app.setErrorHandler((error, request, reply) => answer(reply, gateway.refusal(formatOf(request), readable(error))));
    for (const [path, format] of ROUTES) {
      app.post(path, (request, reply) => respond(gateway, format, request, reply));
    }
    app.post('/v1/messages/count_tokens', async (request, reply) =>
      answer(reply, await gateway.count({ ...callOf('messages', request, reply), counting: true })),
    );
    models(app, gateway);
  };
}

async function respond(
  gateway: Gateway,
  format: FormatName,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  return answer(reply, await gateway.answer(callOf(format, request, reply)));
}

function callOf(format: FormatName, request: FastifyRequest, reply: FastifyReply): ClientCall {
  const gone = new Stop();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.now(new Error('the client hung up'));
  });
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  return { format, body: body.toString('utf8'), bytes: body.length, headers: request.headers, gone };
}

/** Written past the framework, which would look at each answer once more. */
function answer(reply: FastifyReply, { status, headers, body }: ClientAnswer): FastifyReply {
  void reply.hijack();
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) reply.raw.setHeader(name, value); // what the whole server says with each answer
  }
  if (typeof body === 'string') {
    reply.raw.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
    reply.raw.end(body);
    return reply;
  }
  reply.raw.writeHead(status, headers);
  void stream(reply.raw, body);
  return reply;
}

/** Each piece as it comes; a slow client makes the provider wait, and one that hung up ends the reading. */
async function stream(to: FastifyReply['raw'], body: AsyncIterable<string>): Promise<void> {
  try {
    for await (const piece of body) {
      if (to.destroyed) return;
      if (!to.write(piece)) await drained(to);
    }
    to.end();
  } catch (error) {
    to.destroy(error instanceof Error ? error : undefined);
  }
}

/** Both kinds of client read this: OpenAI's `object` and `owned_by`, Anthropic's `type` and `display_name`. */
function models(app: FastifyInstance, gateway: Gateway): void {
  const shape = (id: string): object => ({
    id,
    object: 'model',
    created: 0,
    owned_by: 'maestro',
    type: 'model',
    display_name: id,
    created_at: '1970-01-01T00:00:00Z',
  });
  app.get('/v1/models', async (request) => {
    const names = await gateway.models(request.headers);
    return {
      object: 'list',
      data: names.map(shape),
      has_more: false,
      first_id: names[0] ?? null,
      last_id: names.at(-1) ?? null,
    };
  });
  app.get<{ Params: { '*': string } }>('/v1/models/*', async (request) => {
    const name = request.params['*'];
    if ((await gateway.models(request.headers)).includes(name)) return shape(name);
    throw new GatewayError('MODEL_UNKNOWN', `there is no model "${name}" for this key`, { model: name });
  });
}

function formatOf({ url, headers }: FastifyRequest): FormatName {
  return url.startsWith('/v1/messages') || headers['anthropic-version'] !== undefined ? 'messages' : 'chat';
}

/** What the HTTP library refuses by itself, in our words. */
function readable(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return new GatewayError('REQUEST_TOO_LARGE', 'the request is larger than gateway.maxBody allows', {}, error);
  }
  return error;
}
