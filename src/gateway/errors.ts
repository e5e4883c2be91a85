import { type ErrorDetails, type ErrorTable, MaestroError } from '#kernel/error.ts';

/** Why a model call, or the gateway itself, cannot go on. Clients get code and cure in the error shape of their own format. */
export const GATEWAY_ERRORS = Object.freeze({
  KEY_MISSING: { cure: 'Send a virtual key of this gateway, as `Authorization: Bearer` or `x-api-key`', exit: 2 },
  KEY_UNKNOWN: {
    cure: 'Ask for a key with `maestro gateway key add`; keys of providers are not accepted here',
    exit: 2,
  },
  KEY_EXPIRED: { cure: 'Ask for a new key with `maestro gateway key add`', exit: 3 },
  KEY_REVOKED: { cure: 'Ask for a new key with `maestro gateway key add`', exit: 3 },
  REQUEST_MALFORMED: { cure: 'Correct the request where the message says', exit: 2 },
  REQUEST_TOO_LARGE: { cure: 'Send a smaller request, or raise gateway.maxBody', exit: 2 },
  PARAMETER_REFUSED: {
    cure: 'Leave the parameter out: what it costs or where its data goes cannot be bounded by this gateway',
    exit: 2,
  },
  PROMPT_TOO_LONG: { cure: 'Shorten the prompt, or use a model with a larger context window', exit: 2 },
  MODEL_UNKNOWN: { cure: 'Use one of the models that GET /v1/models lists; names are exact', exit: 2 },
  MODEL_NOT_IN_KEY: { cure: 'Use one of the models of the key, or ask for a key with a wider scope', exit: 3 },
  CALL_DENIED: { cure: 'Do what the reason says, or ask for another model', exit: 3 },
  PRICE_UNKNOWN: {
    cure: 'Give the model a price in the price file (gateway.prices), or correct its provider and name',
    exit: 3,
  },
  BUDGET_SPENT: { cure: 'Wait for the next period, or top up with `maestro budget top-up`', exit: 3 },
  BUDGET_HELD: { cure: 'Try again in a moment: calls under way hold the rest of the budget', exit: 3 },
  TENANT_STOPPED: { cure: 'Wait until the stop is lifted', exit: 3 },
  GATEWAY_STOPPING: { cure: 'Try again in a moment, at another gateway where there is one', exit: 4 },
  UPSTREAM_UNREACHABLE: { cure: 'Start the provider, or correct its url in the gateway file', exit: 4 },
  UPSTREAM_SILENT: { cure: 'Try again; if it lasts, raise gateway.answerTimeout or use another provider', exit: 4 },
  UPSTREAM_GARBLED: {
    cure: 'Try again; if it lasts, check that the provider speaks the format that its api names',
    exit: 4,
  },
  UPSTREAM_REFUSED: { cure: 'Do what the provider says', exit: 1 },
  UPSTREAM_LIMITED: { cure: 'Try again after the time in retry-after, or raise the limits of the provider', exit: 3 },
  GATEWAY_CONFIG_INVALID: { cure: 'Correct the gateway file where the message says', exit: 2 },
  PRICES_INVALID: { cure: 'Correct the price file where the message says', exit: 2 },
  PRICES_EXPIRED: { cure: 'Put a newer price sheet in its place and start the gateway again', exit: 3 },
  PRICES_UNSIGNED: { cure: 'Use a price sheet signed by a key of gateway.priceKey', exit: 3 },
} as const satisfies ErrorTable);

export type GatewayErrorCode = keyof typeof GATEWAY_ERRORS;

export class GatewayError extends MaestroError<GatewayErrorCode> {
  constructor(code: GatewayErrorCode, message: string, details: ErrorDetails = {}, cause?: unknown) {
    super({ code, message, cure: GATEWAY_ERRORS[code].cure, details, cause });
  }
}
