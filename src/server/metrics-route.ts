import type { FastifyPluginCallback } from 'fastify';
import type { House } from '#app/house.ts';
import { ApiError } from '#api/index.ts';
import { problemOf, sendProblem } from './api/problem.ts';
import { exposition, EXPOSITION_TYPE } from './exposition.ts';
import { gauges } from './metrics.ts';
import { callerOf, tenantsOf } from './who.ts';

/** For Prometheus, with a key: figures of the tenants that the caller may look at, and of the whole installation for who may look at all. */
export function metricsRoute(house: House): FastifyPluginCallback {
  return (app, _options, done) => {
    app.setErrorHandler((error, _request, reply) => sendProblem(reply, problemOf(error)));
    app.get('/metrics', async (request, reply) => {
      const caller = await callerOf(house, request);
      if (caller === undefined) throw new ApiError('UNAUTHENTICATED', 'metrics need a key that is good');
      return reply.type(EXPOSITION_TYPE).send(exposition(await gauges(house, tenantsOf(caller.principal))));
    });
    done();
  };
}
