import { type ErrorDetails, type ErrorTable, MaestroError } from '#kernel/error.ts';

/** What is wrong with a request before anything is done with it. */
export const API_ERRORS = Object.freeze({
  UNAUTHENTICATED: { cure: 'Send `Authorization: Bearer KEY` with a key of `maestro key create`', exit: 3 },
  HOST_UNKNOWN: { cure: 'Reach the server by its address or localhost, or add the name to http.names', exit: 2 },
  ORIGIN_FOREIGN: { cure: 'Ask from a page of this server, or with an API key instead of a session', exit: 3 },
  REQUEST_INVALID: { cure: 'Correct what the detail names; /api/docs shows every field', exit: 2 },
  NOT_FOUND: { cure: 'See /api/docs for what there is', exit: 2 },
  BODY_TOO_LARGE: { cure: 'Send less than 1 MiB', exit: 2 },
  BODY_TYPE: { cure: 'Send JSON with content-type: application/json', exit: 2 },
  RATE_LIMITED: { cure: 'Wait as long as Retry-After says', exit: 3 },
  IDEMPOTENCY_KEY_REUSED: { cure: 'Give each request a key of its own', exit: 2 },
  IDEMPOTENCY_UNKNOWN: {
    cure: 'The first request is being carried out, or ended without an answer: look at what it did before asking with a new key',
    exit: 1,
  },
} as const satisfies ErrorTable);

export type ApiErrorCode = keyof typeof API_ERRORS;

/** A request that is refused as it stands. */
export class ApiError extends MaestroError<ApiErrorCode> {
  constructor(code: ApiErrorCode, message: string, details: ErrorDetails = {}) {
    super({ code, message, cure: API_ERRORS[code].cure, details });
  }
}
