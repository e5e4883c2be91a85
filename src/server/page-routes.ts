import type { FastifyPluginCallback, FastifyReply } from 'fastify';
import type { House } from '#app/house.ts';
import { statusOf } from '#app/status-view.ts';
import { changePage, taskPage } from './detail-pages.ts';
import { statusPage } from './status-page.ts';

interface ById {
  Params: { id: string };
}

/** The status page, the same as JSON, and a page for each task and change. */
export function pageRoutes(house: House): FastifyPluginCallback {
  return (app, _options, done) => {
    app.get('/', async (_request, reply) => page(reply, statusPage(await statusOf(house))));
    app.get('/status.json', async (_request, reply) =>
      reply.type('application/json').send(`${JSON.stringify(await statusOf(house))}\n`),
    );
    app.get<ById>('/tasks/:id', async ({ params }, reply) => page(reply, await taskPage(house, params.id)));
    app.get<ById>('/changes/:id', async ({ params }, reply) => page(reply, await changePage(house, params.id)));
    done();
  };
}

function page(reply: FastifyReply, text: string | undefined): FastifyReply | void {
  if (text === undefined) return reply.callNotFound();
  return reply.type('text/html; charset=utf-8').send(text);
}
