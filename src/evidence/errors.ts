import { type ErrorDetails, type ErrorTable, MaestroError } from '#kernel/error.ts';

/** Faults of the evidence room, each with its cure and the exit code of a command that meets it. */
export const EVIDENCE_ERRORS = Object.freeze({
  KEY_UNSUPPORTED: { cure: 'Give the public key as PEM (SubjectPublicKeyInfo) of an Ed25519 or P-256 key', exit: 2 },
  STATEMENT_CONFLICT: {
    cure: 'A statement is written once: build it from the recorded events only, or start a new dossier of the task',
    exit: 1,
  },
  STATEMENT_INVALID: {
    cure: 'Name it by its kind (`landing`, `test-result-2`) and make it with the builder of that kind, from whole facts',
    exit: 1,
  },
  DOSSIER_CLOSED: { cure: 'Record every statement before closing, or start the next dossier of the task', exit: 1 },
  DOSSIER_INCOMPLETE: { cure: 'Record the statements named in the message before closing', exit: 1 },
  DOSSIER_EMPTY: { cure: 'Check the task id with `maestro task list`; evidence is written when a task ends', exit: 2 },
  PATCH_MISMATCH: {
    cure: 'Make the patch with `patchArguments` from the base to the commit of the subject',
    exit: 1,
  },
  CHECKPOINT_UNKNOWN: {
    cure: 'Give a checkpoint of this log; when it is one, run `maestro verify-log`, for the log may have been rewritten',
    exit: 1,
  },
} as const satisfies ErrorTable);

export type EvidenceErrorCode = keyof typeof EVIDENCE_ERRORS;

/** A fault while evidence is written or exported. What a verification finds is a value, never this. */
export class EvidenceError extends MaestroError<EvidenceErrorCode> {
  constructor(code: EvidenceErrorCode, message: string, details: ErrorDetails = {}, cause?: unknown) {
    super({ code, message, cure: EVIDENCE_ERRORS[code].cure, details, cause });
  }
}
