import type { FastifyPluginCallback } from 'fastify';
import { signInOf } from '#app/access/provider.ts';
import { openSession } from '#app/access/sessions.ts';
import type { House } from '#app/house.ts';
import { z } from 'zod';
import { problemOf, sendProblem } from './api/problem.ts';
import { cookieText, signedIn } from './sign-in.ts';
import { cookie } from './who.ts';

const LOGIN_COOKIE = 'maestro_login';
/** How long somebody may stay at the provider. */
const LOGIN_MS = 10 * 60_000;

const stateSchema = z.strictObject({ state: z.string(), nonce: z.string(), verifier: z.string() });

/** Sign-in by the company's identity provider; without one there are no such routes. */
export function providerRoutes(house: House): FastifyPluginCallback {
  return (app, _options, done) => {
    const { login } = house;
    if (login === undefined) return done();
    app.setErrorHandler((error, request, reply) => {
      house.log.log('warn', 'a sign-in failed', { path: request.url.split('?')[0] ?? '', error: String(error) });
      return sendProblem(reply, problemOf(error));
    });
    app.get('/sign-in/provider', async (_request, reply) => {
      const { address, state } = await login.begin();
      const text = Buffer.from(JSON.stringify(state)).toString('base64url');
      return reply.header('set-cookie', cookieText(house, LOGIN_COOKIE, text, LOGIN_MS)).redirect(address, 303);
    });
    app.get('/sign-in/callback', async (request, reply) => {
      const state = stateSchema.parse(read(cookie(request, LOGIN_COOKIE) ?? ''));
      const answer = new URL(request.url, house.http.publicUrl);
      const who = await signInOf(house, await login.finish(answer, state));
      return signedIn(house, reply, await openSession(house, who));
    });
    done();
  };
}

/** What this browser was given to keep; nothing when it brings something else. */
function read(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
