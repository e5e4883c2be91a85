import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { openKey } from '#adapters/keys/index.ts';
import type { LoginOptions, OidcLogin, ProviderOptions } from '#adapters/oidc/index.ts';
import { groupMap } from '#identity/index.ts';
import { Lazy } from '#kernel/lazy.ts';
import type { TokenVerifier } from '#identity/ports.ts';
import { derivedSecret } from '../tenants/git-access.ts';
import type { House } from '../house.ts';
import type { Settings } from '../config/settings.ts';
import type { Tools } from './tools.ts';

export type IdentityParts = Pick<House, 'secretHash' | 'groups' | 'tokens' | 'login'>;

/** What identity is checked with. A keyed hash is enough for secrets of 256 random bits; a copy of the rows alone proves nothing. */
export async function identityParts({ random, dataDir, settings }: Tools): Promise<IdentityParts> {
  const access = await openKey({ dir: join(dataDir, 'keys'), name: 'access', algorithm: 'ed25519', random });
  const pepper = await derivedSecret(access, 'hash of secrets');
  return {
    secretHash: (secret) => createHmac('sha256', pepper).update(secret).digest('hex'),
    groups: groupMap(settings['oidc.groups']),
    ...providerParts(settings),
  };
}

/** The library for tokens is loaded when the first one comes. */
function providerParts(settings: Settings): Pick<House, 'tokens' | 'login'> {
  const issuer = settings['oidc.issuer'];
  if (issuer === undefined) return {};
  const options = (audience: string): ProviderOptions => ({
    issuer,
    audience,
    toleranceMs: settings['oidc.clockTolerance'],
    groupsClaim: settings['oidc.groupsClaim'],
    nameClaim: settings['oidc.nameClaim'],
  });
  const tokens = lazyVerifier(options(settings['oidc.audience']));
  const clientId = settings['oidc.clientId'];
  const publicUrl = settings['http.publicUrl'];
  if (clientId === undefined || publicUrl === undefined) return { tokens };
  const secret = settings['oidc.clientSecret'];
  const login = lazyLogin({
    ...{ issuer, clientId, redirectUri: new URL('/sign-in/callback', publicUrl).href },
    ...(secret === undefined ? {} : { clientSecret: secret }),
    verifier: lazyVerifier(options(clientId)),
  });
  return { tokens, login };
}

function lazyVerifier(options: ProviderOptions): TokenVerifier {
  const verifier = new Lazy(async () => (await import('#adapters/oidc/index.ts')).tokenVerifier(options));
  return { verify: async (token) => (await verifier.get()).verify(token) };
}

function lazyLogin(options: LoginOptions): OidcLogin {
  const login = new Lazy(async () => (await import('#adapters/oidc/index.ts')).oidcLogin(options));
  return {
    begin: async () => (await login.get()).begin(),
    finish: async (answer, state) => (await login.get()).finish(answer, state),
  };
}
