import { type ErrorDetails, type ErrorTable, MaestroError } from '#kernel/error.ts';

/** Faults of policy, each with its cure and exit code. The first two are told as reasons of a denial. */
export const POLICY_ERRORS = Object.freeze({
  POLICY_ANSWER_MALFORMED: {
    cure: 'Look at the rules of the engine: `maestro/decision/answer` must give allow, reasons and obligations',
    exit: 4,
  },
  POLICY_ENGINE_FAILED: { cure: 'Look at the log of the engine; nothing is allowed while it fails', exit: 4 },
  POLICY_RULES_UNHEEDED: {
    cure: 'Set engine.policy to opa-wasm or opa-server, or take the .rego files out of the data directory',
    exit: 2,
  },
  POLICY_VECTORS_INVALID: { cure: 'Write the cases as those in policies/vectors.json', exit: 2 },
} as const satisfies ErrorTable);

export type PolicyErrorCode = keyof typeof POLICY_ERRORS;

export class PolicyError extends MaestroError<PolicyErrorCode> {
  constructor(code: PolicyErrorCode, message: string, details: ErrorDetails = {}) {
    super({ code, message, cure: POLICY_ERRORS[code].cure, details });
  }
}
