import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify';
import { callerOfSession } from '#app/access/caller.ts';
import { closeSession, useLink } from '#app/access/sessions.ts';
import type { House } from '#app/house.ts';
import { html } from './html.ts';
import { STYLE } from './style.ts';
import { cookie, requireOwnOrigin, SESSION_COOKIE } from './who.ts';

interface WithCode {
  Querystring: { code?: string };
}

/** How a browser gets a session, and gives it back. */
export function signInRoutes(house: House): FastifyPluginCallback {
  return (app, _options, done) => {
    app.addContentTypeParser('application/x-www-form-urlencoded', (_request, body, parsed) => {
      body.resume();
      parsed(null);
    });
    app.get<WithCode>('/sign-in', async ({ query }, reply) => {
      const session = query.code === undefined ? undefined : await useLink(house, query.code);
      return session === undefined ? askToSignIn(house, reply) : signedIn(house, reply, session);
    });
    app.post('/sign-out', async (request, reply) => {
      const session = cookie(request, SESSION_COOKIE);
      if (session !== undefined && (await callerOfSession(house, session)) !== undefined) {
        requireOwnOrigin(request);
        await closeSession(house, session);
      }
      return reply.header('set-cookie', cookieText(house, SESSION_COOKIE, '', 0)).redirect('/sign-in', 303);
    });
    done();
  };
}

/** Gives the browser its session and takes it to the pages; the secret of the link stays in no address. */
export function signedIn(house: House, reply: FastifyReply, session: string): FastifyReply {
  const text = cookieText(house, SESSION_COOKIE, session, house.http.sessionMs);
  return reply.header('set-cookie', text).redirect('/', 303);
}

/** Scripts never read it, and other sites send it with links only. */
export function cookieText(house: House, name: string, value: string, lastsMs: number): string {
  const secure = house.http.publicUrl?.startsWith('https://') === true ? '; Secure' : '';
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${Math.floor(lastsMs / 1000)}${secure}`;
}

/** What people see who have not signed in. */
export function askToSignIn(house: House, reply: FastifyReply): FastifyReply {
  const provider =
    house.login === undefined
      ? html``
      : html`<p><a href="/sign-in/provider">Sign in with your company’s account</a></p>`;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" /><meta name="viewport" content="width=device-width" />
        <title>Sign in · Maestro Conductor</title>
        ${STYLE}
      </head>
      <body>
        <h1>Sign in</h1>
        ${provider}
        <p>On the machine of the server, <code>maestro sign-in</code> prints a link that opens these pages.</p>
        <p class="soft">Programs use a key of <code>maestro key create</code>: <a href="/api/docs">the API</a>.</p>
      </body>
    </html>`.text;
  return reply.code(401).type('text/html; charset=utf-8').send(page);
}

/** Whether a request wants a page for people. */
export function wantsPage({ headers }: FastifyRequest): boolean {
  return (headers.accept ?? '').includes('text/html');
}
