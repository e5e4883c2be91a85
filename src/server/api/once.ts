import type { FastifyReply, FastifyRequest } from 'fastify';
import { digestOf } from '#kernel/digest.ts';
import type { Json } from '#kernel/json.ts';
import { type Answer, answerOnce } from '#app/access/answer-once.ts';
import type { Caller } from '#app/access/caller.ts';
import type { House } from '#app/house.ts';
import type { Tenant } from '#domain/tenant.ts';
import { ApiError, type Route } from '#api/index.ts';
import { problemOf } from './problem.ts';

const KEY = /^[\x21-\x7e]{1,200}$/;

/** The Idempotency-Key of a request that may carry one. Throws REQUEST_INVALID. */
export function idempotencyKey(route: Route, { headers }: FastifyRequest): string | undefined {
  const key = headers['idempotency-key'];
  if (key === undefined || route.method !== 'POST') return undefined;
  if (typeof key === 'string' && KEY.test(key)) return key;
  throw new ApiError('REQUEST_INVALID', 'Idempotency-Key: 1 to 200 visible characters');
}

/** Carries a request out once for each key: again it gives the same answer, with `idempotency-replayed: true`. */
export async function once(
  request: {
    readonly house: House;
    readonly route: Route;
    readonly caller: Caller;
    readonly tenant: Tenant;
    readonly key: string;
  },
  asked: FastifyRequest,
  reply: FastifyReply,
  carryOut: () => Promise<unknown>,
): Promise<Answer> {
  const { house, route, caller, tenant, key } = request;
  const digest = digestOf({ method: asked.method, url: asked.url, body: (asked.body ?? null) as Json }); // true: it was read as JSON
  const name = { principal: caller.principal.id, tenant: tenant.id, key };
  const outcome = await answerOnce(house, name, digest, async () => {
    try {
      const body = JSON.stringify(await carryOut());
      return { status: route.status, body, keep: !route.secret };
    } catch (error) {
      const told = problemOf(error);
      if (told.status >= 500) throw error;
      return { status: told.status, body: JSON.stringify(told), keep: true };
    }
  });
  if (outcome === 'other request')
    throw new ApiError('IDEMPOTENCY_KEY_REUSED', 'this key was used for another request');
  if (outcome === 'unknown') throw new ApiError('IDEMPOTENCY_UNKNOWN', 'this key was used; its answer is not there');
  if (outcome.replayed) void reply.header('idempotency-replayed', 'true');
  return outcome.answer;
}
