import { type ErrorDetails, type ErrorTable, MaestroError } from '#kernel/error.ts';

/** Faults of the way between a runner and the gateway. */
export const CHAT_ERRORS = Object.freeze({
  GATEWAY_UNREACHABLE: {
    cure: 'Start the gateway, or correct its address',
    exit: 4,
  },
  GATEWAY_BUSY: { cure: 'Nothing: the run goes on when the provider takes calls again', exit: 4 },
  GATEWAY_ANSWER_UNREADABLE: { cure: 'Check that the address is that of a Maestro gateway', exit: 4 },
} as const satisfies ErrorTable);

export class ChatError extends MaestroError<keyof typeof CHAT_ERRORS> {
  constructor(code: keyof typeof CHAT_ERRORS, message: string, details: ErrorDetails = {}, cause?: unknown) {
    super({ code, message, cure: CHAT_ERRORS[code].cure, details, cause });
  }
}
