import { once } from 'node:events';
import { createServer } from 'node:http';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { API_BASE } from '#api/index.ts';
import { disable } from '#app/access/roles.ts';
import { openPlace, type Place, ROOT } from '../api/place.ts';
import { Browser, freePort, startProvider } from './provider.ts';

const GROUPS = 'team-a=operator@acme, platform=platform-admin';

describe('sign-in at a provider', () => {
  let place: Place;
  let provider: Awaited<ReturnType<typeof startProvider>>;
  beforeAll(async () => {
    const port = await freePort();
    const publicUrl = `http://127.0.0.1:${port}`;
    provider = await startProvider(`${publicUrl}/sign-in/callback`);
    const env = {
      MAESTRO_HTTP_PUBLIC_URL: publicUrl,
      MAESTRO_OIDC_ISSUER: provider.issuer,
      MAESTRO_OIDC_CLIENT_ID: 'board',
      MAESTRO_OIDC_CLIENT_SECRET: 'board-secret',
      MAESTRO_OIDC_GROUPS: GROUPS,
    };
    place = await openPlace(env, port);
  });
  afterAll(async () => {
    await place[Symbol.asyncDispose]();
    await provider.stop();
  });

  const signIn = async (login: string): Promise<{ browser: Browser; answer: Response }> => {
    const browser = new Browser();
    return { browser, answer: await browser.signIn(`${place.url}/sign-in/provider`, place.url, login) };
  };
  const whoIs = async (browser: Browser): Promise<unknown> => (await browser.get(`${place.url}${API_BASE}/me`)).json();

  it('gives a session with the roles of the person’s groups', async () => {
    const { browser, answer } = await signIn('ada');

    expect(answer.status).toBe(303);
    expect(await whoIs(browser)).toMatchObject({
      id: 'human:ada@example.org',
      via: 'session',
      roles: [{ role: 'operator', tenant: 'acme' }],
    });
    const page = await (await browser.get(`${place.url}/`)).text();
    expect(page).toContain('acme');
    expect(page).not.toContain('umbra');
  });

  it('gives no role to someone of other groups, and no name that the provider has not verified', async () => {
    expect(await whoIs((await signIn('eve')).browser)).toMatchObject({ id: 'human:eve@example.org', roles: [] });
    expect(await whoIs((await signIn('mal')).browser)).toMatchObject({ id: 'human:oidc/mal' });
  });

  it('shuts a disabled person out at once', async () => {
    const { browser } = await signIn('ada');
    await disable(place.house, { id: 'human:ada@example.org', disabled: true, by: ROOT });

    expect((await browser.get(`${place.url}/`)).status).toBe(401);
  });

  it('refuses an answer that this browser did not ask for', async () => {
    const answer = await new Browser().get(`${place.url}/sign-in/callback?code=x&state=y`);
    const { browser } = await signIn('eve');
    const stolen = await browser.get(`${place.url}/sign-in/callback?code=x&state=y`);

    expect(answer.status).toBe(400);
    expect(stolen.status).toBe(403);
  });
});

describe('a token of a provider at the API', () => {
  let place: Place;
  let stop: () => Promise<void>;
  let issuer: string;
  let sign: (
    claims: object,
    more?: { alg?: string; kid?: string; lasts?: string; key?: CryptoKey | Uint8Array },
  ) => Promise<string>;
  beforeAll(async () => {
    const [good, other] = [await generateKeyPair('RS256'), await generateKeyPair('RS256')];
    const jwk = { ...(await exportJWK(good.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' };
    const port = await freePort();
    issuer = `http://127.0.0.1:${port}`;
    const documents: { readonly [path: string]: object } = {
      '/.well-known/openid-configuration': { issuer, jwks_uri: `${issuer}/keys` },
      '/keys': { keys: [jwk] },
    };
    const server = createServer((request, response) =>
      response.end(JSON.stringify(documents[request.url ?? ''] ?? {})),
    );
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    stop = async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    };
    sign = (claims, { alg = 'RS256', kid = 'one', lasts = '5m', key = good.privateKey } = {}) =>
      new SignJWT({
        iss: issuer,
        aud: 'maestro',
        sub: 'ada-1',
        email: 'ada@example.org',
        email_verified: true,
        groups: ['team-a'],
        ...claims,
      })
        .setProtectedHeader({ alg, kid })
        .setIssuedAt()
        .setExpirationTime(lasts)
        .sign(key);
    otherKey = other.privateKey;
    publicText = new TextEncoder().encode(JSON.stringify(jwk));
    place = await openPlace({ MAESTRO_OIDC_ISSUER: issuer, MAESTRO_OIDC_GROUPS: GROUPS });
  });
  afterAll(async () => {
    await place[Symbol.asyncDispose]();
    await stop();
  });
  let otherKey: CryptoKey;
  let publicText: Uint8Array;

  const ask = (token: string) => fetch(`${place.url}${API_BASE}/me`, { headers: { authorization: `Bearer ${token}` } });

  it('is good with the provider’s signature, for this audience, within its time', async () => {
    const answer = await ask(await sign({}));

    expect(await answer.json()).toMatchObject({
      id: 'human:ada@example.org',
      via: 'oidc',
      roles: [{ role: 'operator', tenant: 'acme' }],
    });
    expect((await ask(await sign({ aud: ['other', 'maestro'] }))).status).toBe(200);
    expect((await ask(await sign({}, { lasts: '-10s' }))).status).toBe(200); // clocks differ by up to 30 s
  });

  it('is refused when any of that is not so', async () => {
    const [head = '', body = ''] = (await sign({})).split('.');
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`;
    const wrong: { readonly [why: string]: string } = {
      'other audience': await sign({ aud: 'board' }),
      'other issuer': await sign({ iss: 'https://id.example.org' }),
      expired: await sign({}, { lasts: '-2m' }),
      'not yet good': await sign({ nbf: Math.floor(Date.now() / 1000) + 300 }),
      'key of another': await sign({}, { key: otherKey }),
      'unknown key': await sign({}, { kid: 'two' }),
      'shared secret': await sign({}, { alg: 'HS256', key: publicText }),
      'no algorithm': none,
      'no signature': `${head}.${body}.`,
      'other body': `${head}.${Buffer.from('{"sub":"root"}').toString('base64url')}.${(await sign({})).split('.')[2] ?? ''}`,
      'no token': 'x.y.z',
    };

    const statuses: { [why: string]: number } = {};
    for (const [why, token] of Object.entries(wrong)) statuses[why] = (await ask(token)).status;
    expect(statuses).toEqual(Object.fromEntries(Object.keys(wrong).map((why) => [why, 401])));
  });
});
