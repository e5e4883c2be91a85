import fastify from 'fastify';
import type { OpenGateway } from '#app/gateway/open-gateway.ts';
import { NO_COMPILERS } from '../no-compilers.ts';
import type { Served } from '../serve.ts';
import { gatewayRoutes } from './routes.ts';

/** Serves the gateway alone. */
export async function serveGateway(
  open: OpenGateway,
  at: { readonly host: string; readonly port: number },
): Promise<Served> {
  const app = fastify({
    ...{ logger: false, forceCloseConnections: true, requestTimeout: 0, bodyLimit: open.maxBody },
    schemaController: NO_COMPILERS,
  });
  void app.register(gatewayRoutes(open));
  const url = await app.listen({ host: at.host, port: at.port });
  return { url, [Symbol.asyncDispose]: () => app.close() };
}
