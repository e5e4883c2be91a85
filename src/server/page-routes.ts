import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify';
import type { House } from '#app/house.ts';
import { statusOf } from '#app/views/status-view.ts';
import type { Principal } from '#domain/action.ts';
import { mayIn } from '#domain/role.ts';
import { ApiError } from '#api/index.ts';
import { problemOf, sendProblem } from './api/problem.ts';
import { changePage, type Sees, taskPage } from './detail-pages.ts';
import { askToSignIn, wantsPage } from './sign-in.ts';
import { statusPage } from './status-page.ts';
import { callerOf, tenantsOf } from './who.ts';

interface ById {
  Params: { id: string };
}

/** The status page, the same as JSON, and a page for each task and change: each shows the caller's tenants only. */
export function pageRoutes(house: House): FastifyPluginCallback {
  return (app, _options, done) => {
    const seen = new WeakMap<FastifyRequest, Principal>();
    const sees = (request: FastifyRequest): Sees => {
      const grants = seen.get(request)?.grants ?? [];
      return (tenant) => mayIn(grants, tenant, 'tenant.read');
    };
    app.addHook('onRequest', async (request, reply) => {
      const caller = await callerOf(house, request);
      if (caller !== undefined) return void seen.set(request, caller.principal);
      if (wantsPage(request)) return askToSignIn(house, reply);
      return sendProblem(reply, problemOf(new ApiError('UNAUTHENTICATED', 'sign in first, or send a key')));
    });
    app.get('/', async (request, reply) =>
      page(reply, statusPage(await statusOf(house, tenantsOf(seen.get(request))))),
    );
    app.get('/status.json', async (request, reply) =>
      reply.type('application/json').send(`${JSON.stringify(await statusOf(house, tenantsOf(seen.get(request))))}\n`),
    );
    app.get<ById>('/tasks/:id', async (request, reply) =>
      page(reply, await taskPage(house, request.params.id, sees(request))),
    );
    app.get<ById>('/changes/:id', async (request, reply) =>
      page(reply, await changePage(house, request.params.id, sees(request))),
    );
    done();
  };
}

function page(reply: FastifyReply, text: string | undefined): FastifyReply | void {
  if (text === undefined) return reply.callNotFound();
  return reply.type('text/html; charset=utf-8').send(text);
}
