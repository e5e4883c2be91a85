import type { FastifyPluginCallback } from 'fastify';
import type { House } from '#app/house.ts';

/** The repositories over smart HTTP: requests and answers stream through as git wrote them, parsed and held by nobody. */
export function gitRoutes(house: House): FastifyPluginCallback {
  return (app, _options, done) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request, _body, parsed) => parsed(null));
    app.route({
      method: ['GET', 'POST'],
      url: '/*',
      handler: async (request, reply) => {
        reply.hijack();
        await house.gitHttp(request.raw, reply.raw);
      },
    });
    done();
  };
}
