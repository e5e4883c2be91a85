import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify, type JWTVerifyGetKey } from 'jose';
import type { SignedIn, TokenVerifier } from '#identity/ports.ts';
import { Lazy } from '#kernel/lazy.ts';
import { OidcError } from './errors.ts';
import { isLocal, type ProviderOptions } from './provider.ts';

/** Made with a private key of the provider; secrets that both sides know are no proof here. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

const DISCOVERY_MS = 5000;

/** Verifies tokens of the provider; its keys are fetched at the first token, and again when it signs with a new one. */
export function tokenVerifier(options: ProviderOptions): TokenVerifier {
  const keys = new Lazy(() => keysOf(options.issuer));
  return {
    verify: async (token) => {
      try {
        const { payload } = await jwtVerify(token, await keys.get(), {
          issuer: options.issuer,
          audience: options.audience,
          algorithms: ALGORITHMS,
          clockTolerance: Math.ceil(options.toleranceMs / 1000),
          requiredClaims: ['sub', 'exp', 'iat'],
        });
        return signedIn(payload, options);
      } catch (cause) {
        if (cause instanceof errors.JWKSTimeout)
          throw new OidcError('OIDC_UNREACHABLE', 'its keys were not sent', cause);
        if (cause instanceof errors.JOSEError) return undefined;
        throw cause;
      }
    },
  };
}

/** OpenID Connect Discovery 1.0, section 4: the document must name the issuer that it was asked for. */
async function keysOf(issuer: string): Promise<JWTVerifyGetKey> {
  try {
    const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const response = await fetch(address, { signal: AbortSignal.timeout(DISCOVERY_MS), redirect: 'error' });
    const document: unknown = await response.json();
    const found = document as { readonly issuer?: unknown; readonly jwks_uri?: unknown }; // read by the checks below
    if (found.issuer !== issuer) throw new Error(`the document is of ${String(found.issuer)}`);
    const uri = new URL(String(found.jwks_uri));
    if (uri.protocol !== 'https:' && !isLocal(issuer)) throw new Error('its keys are not served by https');
    return createRemoteJWKSet(uri, { timeoutDuration: DISCOVERY_MS });
  } catch (cause) {
    throw new OidcError('OIDC_UNREACHABLE', `the provider ${issuer} cannot be asked: ${String(cause)}`, cause);
  }
}

/** What the claims say. */
function signedIn(claims: JWTPayload, { groupsClaim, nameClaim }: ProviderOptions): SignedIn {
  const groups = claims[groupsClaim];
  const name = claims[nameClaim];
  const vouched = nameClaim !== 'email' || claims['email_verified'] === true;
  return {
    subject: claims.sub ?? '',
    groups: Array.isArray(groups) ? groups.filter((group): group is string => typeof group === 'string') : [],
    ...(typeof name === 'string' && vouched ? { name } : {}),
  };
}
