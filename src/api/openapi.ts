import { z } from 'zod';
import { ROLES } from '#domain/grant.ts';
import { ROLE_ACTIONS } from '#domain/role.ts';
import type { Json } from '#kernel/json.ts';
import type { Route } from './route.ts';
import { API_BASE, ROUTES } from './routes.ts';
import { problem } from './schemas.ts';

type JsonObject = { readonly [name: string]: Json };

/** JSON Schema (2020-12) of what a request may hold, or of what an answer holds. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, target: 'draft-2020-12' });
  // The cast is true: a JSON Schema is JSON.
  return rest as JsonObject;
}

/** The roles that may, for people. */
export function rolesOf({ action }: Pick<Route, 'action'>): string {
  if (action === 'anyone') return 'anyone, without a key';
  if (action === 'signed-in') return 'anyone with a key';
  return ROLES.filter((role) => ROLE_ACTIONS[role].includes(action)).join(', ');
}

/** The OpenAPI 3.1 document of the table. */
export function openApi(version: string): JsonObject {
  const paths: { [path: string]: { [method: string]: Json } } = {};
  for (const [name, route] of Object.entries<Route>(ROUTES)) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(name, route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Maestro Conductor',
      version,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description: 'Everything that the command line does. Errors are problems (RFC 9457) with code and cure.',
    },
    servers: [{ url: API_BASE }],
    security: [{ key: [] }],
    paths,
    components: {
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'A key of `maestro key create`, or a provider’s token' },
      },
      schemas: { Problem: schemaOf(problem, 'output') },
    },
  };
}

function operation(name: string, route: Route): JsonObject {
  const refusals = ['400', '404', '409', '413', '414', '429'];
  if (route.action !== 'anyone') refusals.push('401', '403');
  if (route.method !== 'GET') refusals.push('415', '422', '503');
  return {
    operationId: name,
    tags: [route.group],
    summary: route.summary,
    description: `May be asked by: ${rolesOf(route)}.`,
    'x-action': route.action,
    ...(route.action === 'anyone' ? { security: [] } : {}),
    parameters: [
      ...parameters(route.params, 'path'),
      ...parameters(route.query, 'query'),
      ...(route.answers === 'events' ? [header('Last-Event-ID', 'Number of the last event that was seen')] : []),
      ...(route.method === 'POST' ? [header('Idempotency-Key', 'The same key again gives the same answer')] : []),
    ],
    ...(route.bodyless ? {} : { requestBody: body(route) }),
    responses: {
      [String(route.status)]: { description: 'Done', content: answer(route) },
      ...Object.fromEntries(refusals.map((status) => [status, PROBLEM])),
    },
  };
}

const PROBLEM = Object.freeze({
  description: 'Refused, with code and cure',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});

function header(name: string, description: string): JsonObject {
  return { name, in: 'header', required: false, description, schema: { type: 'string', maxLength: 200 } };
}

function parameters(schema: z.ZodType, place: 'path' | 'query'): readonly JsonObject[] {
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
    readonly properties?: JsonObject;
    readonly required?: readonly string[];
  }; // true: parameters are objects
  return Object.entries(properties).map(([name, each]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: each,
  }));
}

function body(route: Route): JsonObject {
  return { required: true, content: { 'application/json': { schema: schemaOf(route.body, 'input') } } };
}

function answer(route: Route): JsonObject {
  const type = { json: 'application/json', text: 'text/plain', events: 'text/event-stream' }[route.answers];
  // An event stream is text; each event's data is of the schema beside it.
  const schema = route.answers === 'events' ? { type: 'string' } : schemaOf(route.answer, 'output');
  const each = route.answers === 'events' ? { 'x-event-data': schemaOf(route.answer, 'output') } : {};
  return { [type]: { schema, ...each } };
}
