import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';

/** People of the provider: name, and the groups that they are in. */
const PEOPLE: { readonly [login: string]: { readonly groups: readonly string[]; readonly verified: boolean } } = {
  ada: { groups: ['team-a'], verified: true },
  eve: { groups: ['strangers'], verified: true },
  mal: { groups: ['team-a'], verified: false },
};

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A real OpenID provider in this process, with its own development pages for signing in. */
export async function startProvider(redirectUri: string): Promise<{ issuer: string; stop(): Promise<void> }> {
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'board',
        client_secret: 'board-secret',
        redirect_uris: [redirectUri],
        response_types: ['code'],
        grant_types: ['authorization_code'],
      },
    ],
    claims: { openid: ['sub', 'groups'], email: ['email', 'email_verified'], profile: [] },
    conformIdTokenClaims: false,
    cookies: { keys: ['only for this test'] },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        email: `${id}@example.org`,
        email_verified: PEOPLE[id]?.verified ?? false,
        groups: [...(PEOPLE[id]?.groups ?? [])],
      }),
    }),
  });
  const handle = provider.callback();
  const server = createServer((request, response) => void handle(request, response)).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    issuer,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A browser that follows redirects by itself, keeps cookies, and fills in the provider's forms. */
export class Browser {
  readonly #cookies = new Map<string, Map<string, string>>();

  /** Goes where it is sent, signing in at the provider as `login`; gives the last answer at `home`. */
  async signIn(start: string, home: string, login: string): Promise<Response> {
    let at = new URL(start);
    for (let hops = 0; hops < 20; hops++) {
      const interaction = at.origin !== home && at.pathname.startsWith('/interaction/');
      const answer = interaction ? await this.#fillIn(at, login) : await this.get(at);
      const next = answer.headers.get('location');
      if (next === null || (at.origin === home && new URL(next, at).pathname === '/')) return answer;
      at = new URL(next, at);
    }
    throw new Error('the sign-in goes round in circles');
  }

  get(at: URL | string): Promise<Response> {
    return this.#send(new URL(at), {});
  }

  async #fillIn(at: URL, login: string): Promise<Response> {
    const page = await (await this.get(at)).text();
    const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1] ?? 'login';
    const body = new URLSearchParams(prompt === 'login' ? { prompt, login, password: 'any' } : { prompt });
    return this.#send(at, { method: 'POST', body });
  }

  async #send(at: URL, request: RequestInit): Promise<Response> {
    const jar = this.#cookies.get(at.host) ?? new Map<string, string>();
    this.#cookies.set(at.host, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(at, { ...request, headers: { cookie, accept: 'text/html' }, redirect: 'manual' });
    for (const text of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(text) ?? [];
      jar.set(name, value);
    }
    return answer;
  }
}
