import type { FastifyPluginCallback } from 'fastify';
import { z } from 'zod';
import type { House } from '#app/house.ts';
import { API_BASE, openApi, rolesOf, type Route, ROUTES } from '#api/index.ts';
import { html, type Markup } from '../html.ts';
import { STYLE } from '../style.ts';

/** The OpenAPI document, and a page for people made from the same table; both are open to anyone. */
export function apiDocs(house: House): FastifyPluginCallback {
  // Made when somebody asks: it takes as long as the rest of the server's start.
  let document: string | undefined;
  let text: string | undefined;
  const openApiText = (): string => (document ??= `${JSON.stringify(openApi(house.version), null, 2)}\n`);
  return (app, _options, done) => {
    app.get('/openapi.json', (_request, reply) => reply.type('application/json').send(openApiText()));
    app.get('/docs', (_request, reply) => reply.type('text/html; charset=utf-8').send((text ??= page())));
    done();
  };
}

function page(): string {
  const groups = new Map<string, Markup[]>();
  for (const [name, route] of Object.entries<Route>(ROUTES)) {
    groups.set(route.group, [...(groups.get(route.group) ?? []), row(name, route)]);
  }
  const sections = [...groups].map(
    ([group, rows]) =>
      html`<h2>${group}</h2>
        <table>
          <tr><th>Request</th><th>What it does</th><th>Who may</th></tr>
          ${rows}
        </table>`,
  );
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" /><meta name="viewport" content="width=device-width" />
        <title>API of Maestro Conductor</title>
        ${STYLE}
      </head>
      <body>
        <p><a href="/">Maestro Conductor</a></p>
        <h1>API</h1>
        <p>
          Below <code>${API_BASE}</code>, in JSON, with <code>Authorization: Bearer KEY</code>. Errors are problems
          (RFC 9457) with a code and a cure. For programs: <a href="/api/openapi.json">OpenAPI 3.1</a>.
        </p>
        ${sections}
      </body>
    </html>`.text;
}

function row(name: string, route: Route): Markup {
  const body = route.bodyless ? '' : JSON.stringify(fields(route.body), null, 2);
  const query = Object.keys(fields(route.query)).join(', ');
  return html`<tr id="${name}">
    <td><code>${route.method} ${route.path}</code></td>
    <td>
      ${route.summary}.${query === '' ? html`` : html`<br /><span class="soft">Query: ${query}</span>`}
      ${body === '' ? html`` : html`<details><summary>Body</summary><pre>${body}</pre></details>`}
    </td>
    <td>${rolesOf(route)}</td>
  </tr>`;
}

function fields(schema: z.ZodType): object {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input' });
  return properties;
}
