import { type ErrorDetails, type ErrorTable, MaestroError } from '#kernel/error.ts';

/** Faults of compiled policies, each with its cure and exit code. */
export const OPA_WASM_ERRORS = Object.freeze({
  POLICY_BUNDLE_UNREADABLE: {
    cure: 'Compile the policies with maestro policy build; a shipped bundle that is gone comes back with a new installation',
    exit: 4,
  },
  POLICY_BUNDLE_ALTERED: {
    cure: 'Find out who changed the bundle, then compile it again with maestro policy build',
    exit: 4,
  },
  POLICY_BUNDLE_STALE: { cure: 'Compile the changed rules with maestro policy build', exit: 2 },
  POLICY_BUILD_FAILED: { cure: 'Correct the rules as the compiler says', exit: 1 },
  OPA_MISSING: {
    cure: 'Install the opa binary of the version that the message names, and put it on the PATH or give it with --opa',
    exit: 4,
  },
  POLICY_EVALUATION_FAILED: {
    cure: 'Look at the rule that the message names; nothing is allowed while it fails',
    exit: 4,
  },
} as const satisfies ErrorTable);

export type OpaWasmErrorCode = keyof typeof OPA_WASM_ERRORS;

export class OpaWasmError extends MaestroError<OpaWasmErrorCode> {
  constructor(code: OpaWasmErrorCode, message: string, details: ErrorDetails = {}, cause?: unknown) {
    super({ code, message, cure: OPA_WASM_ERRORS[code].cure, details, cause });
  }
}
