import { type ErrorTable, MaestroError } from '#kernel/error.ts';

/** Faults of the file that connects agents. */
export const AGENTS_FILE_ERRORS = Object.freeze({
  AGENTS_FILE_INVALID: { cure: 'Correct the agents file where the message says; see docs/operate.md', exit: 2 },
} as const satisfies ErrorTable);

export class AgentsFileError extends MaestroError<keyof typeof AGENTS_FILE_ERRORS> {
  constructor(message: string, path: string, cause?: unknown) {
    const { cure } = AGENTS_FILE_ERRORS.AGENTS_FILE_INVALID;
    super({ code: 'AGENTS_FILE_INVALID', message: `${path}: ${message}`, cure, details: { path }, cause });
  }
}
