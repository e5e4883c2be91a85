import { type ErrorDetails, type ErrorTable, MaestroError } from '#kernel/error.ts';

/** Why an OPA server gave no decision, each with its cure; told as the reason of the denial that follows. */
export const OPA_SERVER_ERRORS = Object.freeze({
  POLICY_ENGINE_UNREACHABLE: {
    cure: 'Start Open Policy Agent at the address of engine.opaUrl, or correct the address; nothing is allowed meanwhile',
    exit: 4,
  },
  POLICY_ENGINE_SLOW: {
    cure: 'Give Open Policy Agent more processors, or raise engine.opaTimeout; nothing is allowed meanwhile',
    exit: 4,
  },
  POLICY_ENGINE_REFUSED: { cure: 'Look at the log of Open Policy Agent; nothing is allowed meanwhile', exit: 4 },
  POLICY_ENGINE_GARBLED: { cure: 'Check that engine.opaUrl is the address of Open Policy Agent itself', exit: 4 },
  POLICY_REVISION_UNKNOWN: {
    cure: 'Serve the policies as a bundle with a revision, such as policies/build/bundle.tar.gz',
    exit: 4,
  },
} as const satisfies ErrorTable);

export type OpaServerErrorCode = keyof typeof OPA_SERVER_ERRORS;

export class OpaServerError extends MaestroError<OpaServerErrorCode> {
  constructor(code: OpaServerErrorCode, message: string, details: ErrorDetails = {}, cause?: unknown) {
    super({ code, message, cure: OPA_SERVER_ERRORS[code].cure, details, cause });
  }
}
