import { type ErrorTable, MaestroError } from '#kernel/error.ts';

/** Faults of the identity provider, each with its cure and exit code. */
export const OIDC_ERRORS = Object.freeze({
  OIDC_UNREACHABLE: { cure: 'Check oidc.issuer and that its /.well-known/openid-configuration can be read', exit: 4 },
  OIDC_REFUSED: { cure: 'Start again at /sign-in; the provider’s words are in the log', exit: 3 },
} as const satisfies ErrorTable);

export type OidcErrorCode = keyof typeof OIDC_ERRORS;

export class OidcError extends MaestroError<OidcErrorCode> {
  constructor(code: OidcErrorCode, message: string, cause?: unknown) {
    super({ code, message, cure: OIDC_ERRORS[code].cure, cause });
  }
}
