export { OIDC_ERRORS, OidcError, type OidcErrorCode } from './errors.ts';
export { type LoginOptions, type LoginState, type OidcLogin, oidcLogin } from './login.ts';
export type { ProviderOptions } from './provider.ts';
export { tokenVerifier } from './verifier.ts';
