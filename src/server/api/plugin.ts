import type { FastifyInstance, FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '#app/access/caller.ts';
import type { House } from '#app/house.ts';
import { mayIn } from '#domain/role.ts';
import { EVERYWHERE } from '#domain/grant.ts';
import type { Tenant } from '#domain/tenant.ts';
import type { Event } from '#domain/event.ts';
import { ApiError, type Route, type RouteName, ROUTES } from '#api/index.ts';
import { callerOf } from '../who.ts';
import { authorise } from './authorise.ts';
import type { ApiCall, Handler } from './call.ts';
import { HANDLERS } from './handlers.ts';
import { idempotencyKey, once } from './once.ts';
import { problemOf, sendProblem } from './problem.ts';
import { RateLimit } from './rate-limit.ts';
import { lastEventId, sendEvents } from './stream.ts';

/** Event streams that one key may hold open at the same time. */
const MOST_STREAMS = 20;

/** The API: every row of the table with its handler. */
export function apiRoutes(house: House): FastifyPluginCallback {
  return (app, _options, done) => {
    const api = new Api(house, app);
    for (const [name, route] of Object.entries<Route>(ROUTES)) {
      // The cast is true: the names are those of the table.
      api.add(name as RouteName, route);
    }
    done();
  };
}

class Api {
  readonly #house: House;
  readonly #app: FastifyInstance;
  readonly #limit: RateLimit;
  readonly #streams = new Map<string, number>();
  readonly #closing = new AbortController();
  /** What was found out about a request before its body was read. */
  readonly #known = new WeakMap<FastifyRequest, { readonly caller?: Caller; readonly tenant: Tenant }>();

  constructor(house: House, app: FastifyInstance) {
    this.#house = house;
    this.#app = app;
    this.#limit = new RateLimit(house.clock);
    app.addHook('preClose', async () => this.#closing.abort());
    app.removeAllContentTypeParsers();
    const parse = app.getDefaultJsonParser('error', 'error');
    app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, parsed) =>
      text === '' ? parsed(null) : parse(request, String(text), parsed),
    );
    app.setErrorHandler((error, request, reply) => {
      const told = problemOf(error);
      if (told.status >= 500) house.log.log('error', 'a request failed', { url: request.url, error: String(error) });
      return sendProblem(reply, told);
    });
    app.setNotFoundHandler((_request, reply) =>
      sendProblem(reply, problemOf(new ApiError('NOT_FOUND', 'there is no such path or method'))),
    );
  }

  add(name: RouteName, route: Route): void {
    this.#app.route({
      method: route.method,
      url: route.path.replace(/\{(\w+)\}/g, ':$1'),
      exposeHeadRoute: false,
      onRequest: (request, reply) => this.#admit(route, request, reply),
      // The cast is true: a handler is of the row of its name, and is called with what that row has read.
      handler: (request, reply) => this.#answer(route, HANDLERS[name] as unknown as Handler<Route>, request, reply),
    });
  }

  async #admit(route: Route, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const house = this.#house;
    const caller = await callerOf(house, request);
    const { perKey, perStranger } = house.http.requestsPerMinute;
    this.#limit.count(caller?.meter ?? `ip:${request.ip}`, caller === undefined ? perStranger : perKey, reply);
    const tenant = await authorise(house, route, caller, request);
    this.#known.set(request, { tenant, ...(caller === undefined ? {} : { caller }) });
  }

  async #answer(
    route: Route,
    handler: Handler<Route>,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply | void> {
    const known = this.#known.get(request);
    if (known === undefined) throw new Error('a request came by that was not admitted');
    const key = idempotencyKey(route, request);
    const last = lastEventId(request);
    const gone = new AbortController();
    reply.raw.on('close', () => gone.abort());
    // The cast is true: rows that anyone may ask for read no caller.
    const call = {
      ...{ house: this.#house, caller: known.caller, tenant: known.tenant },
      params: route.params.parse(request.params),
      query: route.query.parse(request.query),
      body: route.body.parse(request.body === undefined && !route.bodyless ? {} : request.body),
      signal: AbortSignal.any([gone.signal, this.#closing.signal]),
      ...(key === undefined ? {} : { idempotencyKey: key }),
      ...(last === undefined ? {} : { lastEventId: last }),
    } as ApiCall<Route>;
    if (route.answers === 'events') return this.#stream(route, handler, call, request, reply);
    const answer = () => this.#scoped(route, known.tenant, async () => handler(call));
    if (route.answers === 'text') return reply.type('text/plain; charset=utf-8').send(await answer());
    if (key === undefined || known.caller === undefined) return reply.code(route.status).send(await answer());
    const about = { house: this.#house, route, caller: known.caller, tenant: known.tenant, key };
    const { status, body } = await once(about, request, reply, answer);
    const type = status < 400 ? 'application/json; charset=utf-8' : 'application/problem+json';
    return reply.code(status).type(type).send(body);
  }

  /** What only shows something of one tenant is read as that tenant, so that a query that forgot to ask for it shows no more. */
  #scoped<T>({ action }: Route, { id }: Tenant, answer: () => Promise<T>): Promise<T> {
    const own = (action === 'tenant.read' || action === 'repo.read') && id !== EVERYWHERE;
    return own ? this.#house.store.within(id, answer) : answer();
  }

  async #stream(
    route: Route,
    handler: Handler<Route>,
    call: ApiCall<Route>,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const { meter } = call.caller;
    const open = this.#streams.get(meter) ?? 0;
    if (open >= MOST_STREAMS) throw new ApiError('RATE_LIMITED', `more than ${MOST_STREAMS} streams at the same time`);
    this.#streams.set(meter, open + 1);
    const { action } = route;
    const still = async (): Promise<boolean> => {
      const caller = await callerOf(this.#house, request);
      const asks = action === 'anyone' || action === 'signed-in';
      return caller !== undefined && (asks || mayIn(caller.principal.grants, call.tenant.id, action));
    };
    try {
      // The cast is true: rows of event streams have handlers that give batches of events.
      const events = handler(call) as unknown as AsyncIterable<readonly Event[]>;
      const scoped = each(events, (next) => this.#scoped(route, call.tenant, next));
      await sendEvents(reply, scoped, still);
    } finally {
      this.#streams.set(meter, (this.#streams.get(meter) ?? 1) - 1);
    }
  }
}

/** The same items, each fetched by `fetch`. */
async function* each<T>(
  items: AsyncIterable<T>,
  fetch: (next: () => Promise<IteratorResult<T>>) => Promise<IteratorResult<T>>,
): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await fetch(() => iterator.next());
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}
