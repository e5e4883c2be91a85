import fastify, { type FastifyInstance } from 'fastify';
import { AppError } from '#app/fault.ts';
import type { House } from '#app/house.ts';
import { API_BASE } from '#api/index.ts';
import { apiDocs } from './api/docs-page.ts';
import { apiRoutes } from './api/plugin.ts';
import type { OpenGateway } from '#app/gateway/open-gateway.ts';
import { gitRoutes } from './git-routes.ts';
import { guardHost } from './host-guard.ts';
import { metricsRoute } from './metrics-route.ts';
import { NO_COMPILERS } from './no-compilers.ts';
import { pageRoutes } from './page-routes.ts';
import { providerRoutes } from './provider-routes.ts';
import { secured } from './security-headers.ts';
import { signInRoutes } from './sign-in.ts';

export interface Served extends AsyncDisposable {
  readonly url: string;
}

/** Serves pages and repositories until it is disposed of. Throws CANNOT_LISTEN. */
export async function serve(
  house: House,
  at: { readonly host: string; readonly port: number },
  gateway?: OpenGateway,
): Promise<Served> {
  const app = server(house);
  if (gateway !== undefined) void app.register((await import('./gateway/routes.ts')).gatewayRoutes(gateway));
  const url = await app.listen({ host: at.host, port: at.port }).catch((cause: unknown) => {
    throw new AppError('CANNOT_LISTEN', `${at.host}:${at.port} cannot be listened on: ${String(cause)}`, { cause });
  });
  return { url, [Symbol.asyncDispose]: () => app.close() };
}

/** The whole server without a port; each part is a plugin of its own with its own rules for bodies and answers. */
export function server(house: House): FastifyInstance {
  const app = fastify({
    logger: false,
    forceCloseConnections: true,
    requestTimeout: 0, // a large push takes as long as it takes; what parses bodies bounds them
    bodyLimit: 1024 * 1024,
    schemaController: NO_COMPILERS,
    routerOptions: { maxParamLength: 16_384 }, // what is too long is refused by the schemas, in their words
  });
  secured(app);
  guardHost(app, house);
  app.setErrorHandler((error, request, reply) => {
    house.log.log('error', 'a request failed', { path: request.url, error: String(error) });
    return reply.code(500).type('text/plain').send('internal error\n');
  });
  app.setNotFoundHandler((_request, reply) => {
    return reply.code(404).type('text/plain').send('there is nothing here; see /\n');
  });
  void app.register(apiDocs(house), { prefix: '/api' });
  void app.register(apiRoutes(house), { prefix: API_BASE });
  void app.register(signInRoutes(house));
  void app.register(providerRoutes(house));
  void app.register(metricsRoute(house));
  void app.register(pageRoutes(house));
  void app.register(gitRoutes(house), { prefix: '/git' });
  return app;
}
