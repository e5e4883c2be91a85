import type { z } from 'zod';
import type { Caller } from '#app/access/caller.ts';
import type { House } from '#app/house.ts';
import type { Tenant } from '#domain/tenant.ts';
import type { Route, RouteName, Routes } from '#api/index.ts';

/** One authorised, validated request. */
export interface ApiCall<R extends Route> {
  readonly house: House;
  readonly caller: Caller;
  /** The one that the path names, or the installation. */
  readonly tenant: Tenant;
  readonly params: z.output<R['params']>;
  readonly query: z.output<R['query']>;
  readonly body: z.output<R['body']>;
  readonly idempotencyKey?: string;
  readonly lastEventId?: number;
  /** Aborts when the client is gone or the server closes. */
  readonly signal: AbortSignal;
}

/** What a handler may give: the answer of its row, however frozen. */
type Given<T> = T extends readonly (infer Item)[]
  ? readonly Given<Item>[]
  : T extends object
    ? { readonly [name in keyof T]: Given<T[name]> }
    : T;

/** An event stream is given in batches; an empty one keeps the connection alive. */
export type Handler<R extends Route> = (
  call: ApiCall<R>,
) => R['answers'] extends 'events'
  ? AsyncIterable<readonly Given<z.output<R['answer']>>[]>
  : Promise<Given<z.output<R['answer']>>>;

/** One handler for each row of the table. */
export type Handlers<Names extends RouteName = RouteName> = { readonly [Name in Names]: Handler<Routes[Name]> };
