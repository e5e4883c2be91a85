import type { FastifyPluginCallback } from 'fastify';
import { gitAccess } from '#app/access/git.ts';
import type { House } from '#app/house.ts';

/** The repositories over smart HTTP: requests and answers stream through as git wrote them, parsed and held by nobody. */
export function gitRoutes(house: House): FastifyPluginCallback {
  return (app, _options, done) => {
    const serve = house.gitHttp(gitAccess(house));
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request, _body, parsed) => parsed(null));
    app.route({
      method: ['GET', 'POST'],
      url: '/*',
      handler: async (request, reply) => {
        reply.hijack();
        await serve(request.raw, reply.raw);
      },
    });
    done();
  };
}
