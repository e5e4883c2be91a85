import type { z } from 'zod';
import type { Transport } from './ports.ts';
import type { Route } from './route.ts';
import { API_BASE, type RouteName, ROUTES, type Routes } from './routes.ts';
import { problem } from './schemas.ts';
import { eventsOf } from './event-stream.ts';

/** A refusal of the API: what, why, and the next step. */
export class ApiProblem extends Error {
  readonly problem: z.output<typeof problem>;

  constructor(told: z.output<typeof problem>) {
    super(`${told.code}: ${told.detail}`);
    this.name = 'ApiProblem';
    this.problem = told;
  }
}

type Part<Name extends string, T> = unknown extends T
  ? object
  : T extends undefined
    ? object
    : string extends keyof T // a schema without fields
      ? object
      : object extends T
        ? { readonly [name in Name]?: T }
        : { readonly [name in Name]: T };

/** What one request is made with: parameters of the path, of the query, and a body, as its row asks for. */
export type RequestOf<R extends Route> = Part<'params', z.input<R['params']>> &
  Part<'query', z.input<R['query']>> &
  Part<'body', z.input<R['body']>> & {
    /** The same key again gives the same answer, and nothing is done twice. */
    readonly idempotencyKey?: string;
    /** Number of the last event that was seen, for a stream that goes on. */
    readonly lastEventId?: number;
    readonly signal?: AbortSignal;
  };

export type AnswerOf<R extends Route> = R['answers'] extends 'events'
  ? AsyncIterable<z.output<R['answer']>>
  : z.output<R['answer']>;

/** One method for each row of the table. */
export type Client = {
  readonly [Name in RouteName]: (request: RequestOf<Routes[Name]>) => Promise<AnswerOf<Routes[Name]>>;
};

interface AnyRequest {
  readonly params?: { readonly [name: string]: unknown };
  readonly query?: { readonly [name: string]: string | number | boolean | undefined };
  readonly body?: unknown;
  readonly idempotencyKey?: string;
  readonly lastEventId?: number;
  readonly signal?: AbortSignal;
}

/** A client of the server at this address. Throws ApiProblem for refusals, and a ZodError for answers of another shape. */
export function client(at: { readonly url: string; readonly key?: string; readonly send: Transport }): Client {
  const { send } = at;
  const calls = Object.entries<Route>(ROUTES).map(([name, route]) => [
    name,
    async (request: AnyRequest): Promise<unknown> => {
      const response = await send(addressOf(at.url, route, request), {
        method: route.method,
        headers: headersOf(at.key, request),
        ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
        ...(request.signal === undefined ? {} : { signal: request.signal }),
      });
      if (!response.ok) throw new ApiProblem(problem.parse(await response.json()));
      if (route.answers === 'text') return response.text();
      if (route.answers === 'events') return eventsOf(response, (data) => route.answer.parse(data));
      return route.answer.parse(await response.json());
    },
  ]);
  // The cast is true: each method is made from the row of its name.
  return Object.fromEntries(calls) as Client;
}

function addressOf(url: string, route: Route, { params = {}, query = {} }: AnyRequest): string {
  const path = route.path.replace(/\{(\w+)\}/g, (_whole, name: string) => encodeURIComponent(String(params[name])));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.set(name, `${value}`);
  }
  return `${url.replace(/\/$/, '')}${API_BASE}${path}${search.size === 0 ? '' : `?${search.toString()}`}`;
}

function headersOf(key: string | undefined, request: AnyRequest): { [name: string]: string } {
  return {
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(request.idempotencyKey === undefined ? {} : { 'idempotency-key': request.idempotencyKey }),
    ...(request.lastEventId === undefined ? {} : { 'last-event-id': String(request.lastEventId) }),
  };
}
