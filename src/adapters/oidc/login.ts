import * as oidc from 'openid-client';
import type { SignedIn, TokenVerifier } from '#identity/ports.ts';
import { Lazy } from '#kernel/lazy.ts';
import { OidcError } from './errors.ts';
import { isLocal } from './provider.ts';

/** What a browser keeps between going to the provider and coming back. */
export interface LoginState {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

export interface LoginOptions {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret?: string;
  /** Where the provider sends people back to. */
  readonly redirectUri: string;
  /** Verifies the identity token by itself, beside what the library checks. */
  readonly verifier: TokenVerifier;
}

/** Sign-in of people by the authorization code flow with PKCE (RFC 7636). */
export interface OidcLogin {
  begin(): Promise<{ readonly address: string; readonly state: LoginState }>;
  /** Throws OIDC_REFUSED when the answer is not to this browser's question, or the provider said no. */
  finish(answer: URL, state: LoginState): Promise<SignedIn>;
}

export function oidcLogin(options: LoginOptions): OidcLogin {
  const provider = new Lazy(() => discover(options));
  return {
    begin: async () => {
      const verifier = oidc.randomPKCECodeVerifier();
      const state = { verifier, state: oidc.randomState(), nonce: oidc.randomNonce() };
      const address = oidc.buildAuthorizationUrl(await provider.get(), {
        redirect_uri: options.redirectUri,
        scope: 'openid email profile',
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state: state.state,
        nonce: state.nonce,
      });
      return { address: address.href, state };
    },
    finish: async (answer, { state, nonce, verifier }) => {
      const configuration = await provider.get();
      const tokens = await oidc
        .authorizationCodeGrant(configuration, answer, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        })
        .catch((cause: unknown) => {
          throw new OidcError('OIDC_REFUSED', `the sign-in failed: ${String(cause)}`, cause);
        });
      const signedIn = await options.verifier.verify(tokens.id_token ?? '');
      if (signedIn === undefined) throw new OidcError('OIDC_REFUSED', 'the identity token is not good');
      return signedIn;
    },
  };
}

async function discover({ issuer, clientId, clientSecret }: LoginOptions): Promise<oidc.Configuration> {
  const insecure = isLocal(issuer) ? { execute: [oidc.allowInsecureRequests] } : {};
  try {
    return await oidc.discovery(new URL(issuer), clientId, clientSecret, undefined, insecure);
  } catch (cause) {
    throw new OidcError('OIDC_UNREACHABLE', `the provider ${issuer} cannot be asked`, cause);
  }
}
