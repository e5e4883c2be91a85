import { type ErrorDetails, type ErrorTable, MaestroError } from '#kernel/error.ts';

/** Broken promises of landing: each stops the line until a person has looked. */
export const TRAIN_ERRORS = Object.freeze({
  CANDIDATE_UNTESTED: {
    cure: 'Nothing landed; report this as a bug of Maestro with the output of `maestro task show`',
    exit: 1,
  },
  LANDED_TREE_DIFFERS: {
    cure: 'Compare the branch with the tested tree that the message names, pause the train, and look who else moves it',
    exit: 1,
  },
} as const) satisfies ErrorTable;

export type TrainErrorCode = keyof typeof TRAIN_ERRORS;

export class TrainError extends MaestroError<TrainErrorCode> {
  constructor(code: TrainErrorCode, message: string, details: ErrorDetails = {}) {
    super({ code, message, cure: TRAIN_ERRORS[code].cure, details });
  }
}
