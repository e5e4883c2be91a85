import type { FastifyServerOptions } from 'fastify';

function refuse(): never {
  throw new Error('routes have no schemas of Fastify: zod reads what comes, and JSON.stringify writes the answer');
}

/** Keeps Fastify from loading its compilers of schemas, which takes a third of the server's start. */
export const NO_COMPILERS: NonNullable<FastifyServerOptions['schemaController']> = Object.freeze({
  compilersFactory: { buildValidator: refuse, buildSerializer: refuse },
});
