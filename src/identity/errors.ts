import { type ErrorTable, MaestroError } from '#kernel/error.ts';

/** What is wrong with names and roles that somebody gives. */
export const IDENTITY_ERRORS = Object.freeze({
  PRINCIPAL_INVALID: { cure: 'Name it human:NAME, service:NAME or agent:NAME, as in service:ci', exit: 2 },
  GROUPS_INVALID: { cure: 'Write oidc.groups as GROUP=ROLE or GROUP=ROLE@TENANT, separated by commas', exit: 2 },
} as const satisfies ErrorTable);

export type IdentityErrorCode = keyof typeof IDENTITY_ERRORS;

export class IdentityError extends MaestroError<IdentityErrorCode> {
  constructor(code: IdentityErrorCode, message: string) {
    super({ code, message, cure: IDENTITY_ERRORS[code].cure });
  }
}
