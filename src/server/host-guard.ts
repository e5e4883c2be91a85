import type { FastifyInstance } from 'fastify';
import type { House } from '#app/house.ts';
import { ApiError } from '#api/index.ts';
import { problemOf, sendProblem } from './api/problem.ts';

/** IPv4, or IPv6 in brackets, as the URL parser writes them. */
const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\])$/;

/**
 * Refuses names under which nobody serves Maestro: a page of another site whose name was made to point here (DNS
 * rebinding) comes with such a name. Addresses cannot be made to point elsewhere.
 */
export function guardHost(app: FastifyInstance, house: House): void {
  const names = new Set(['localhost', ...house.http.names]);
  app.addHook('onRequest', async (request, reply) => {
    const name = nameOf(request.headers.host ?? '');
    if (name !== undefined && (ADDRESS.test(name) || names.has(name))) return;
    const error = new ApiError('HOST_UNKNOWN', 'the server is not known under the name of this request');
    await sendProblem(reply, problemOf(error));
  });
}

function nameOf(host: string): string | undefined {
  const address = `http://${host}`;
  return URL.canParse(address) ? new URL(address).hostname : undefined;
}
