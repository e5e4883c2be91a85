import type { GatewayErrorCode } from '../errors.ts';
import type { FormatName, JsonObject } from './format.ts';

interface Shape {
  readonly status: number;
  /** OpenAI: `type` and `code`. */
  readonly openai: readonly [string, string];
  readonly anthropic: string;
  /** Clients would try again by themselves. */
  readonly retry?: boolean;
}

const INVALID: Shape = {
  status: 400,
  openai: ['invalid_request_error', 'invalid_request'],
  anthropic: 'invalid_request_error',
};
const AUTH: Shape = {
  status: 401,
  openai: ['invalid_request_error', 'invalid_api_key'],
  anthropic: 'authentication_error',
};
const DENIED: Shape = { status: 403, openai: ['permission_error', 'permission_denied'], anthropic: 'permission_error' };
const UPSTREAM: Shape = {
  status: 502,
  openai: ['server_error', 'upstream_error'],
  anthropic: 'api_error',
  retry: true,
};

/** How each refusal looks to the clients of a format: their libraries choose class and retry by these. */
const SHAPES: { readonly [code in GatewayErrorCode]?: Shape } = {
  KEY_MISSING: AUTH,
  KEY_UNKNOWN: AUTH,
  KEY_EXPIRED: AUTH,
  KEY_REVOKED: AUTH,
  REQUEST_MALFORMED: INVALID,
  REQUEST_TOO_LARGE: {
    status: 413,
    openai: ['invalid_request_error', 'request_too_large'],
    anthropic: 'request_too_large',
  },
  PARAMETER_REFUSED: { ...INVALID, openai: ['invalid_request_error', 'unsupported_parameter'] },
  PROMPT_TOO_LONG: { ...INVALID, openai: ['invalid_request_error', 'context_length_exceeded'] },
  MODEL_UNKNOWN: { status: 404, openai: ['invalid_request_error', 'model_not_found'], anthropic: 'not_found_error' },
  MODEL_NOT_IN_KEY: DENIED,
  CALL_DENIED: DENIED,
  PRICE_UNKNOWN: DENIED,
  PRICES_EXPIRED: DENIED,
  TENANT_STOPPED: DENIED,
  BUDGET_SPENT: { status: 429, openai: ['insufficient_quota', 'insufficient_quota'], anthropic: 'billing_error' },
  BUDGET_HELD: {
    status: 429,
    openai: ['rate_limit_error', 'rate_limit_exceeded'],
    anthropic: 'rate_limit_error',
    retry: true,
  },
  UPSTREAM_LIMITED: {
    status: 429,
    openai: ['rate_limit_error', 'rate_limit_exceeded'],
    anthropic: 'rate_limit_error',
    retry: true,
  },
  GATEWAY_STOPPING: { ...UPSTREAM, status: 503 },
  UPSTREAM_UNREACHABLE: UPSTREAM,
  UPSTREAM_GARBLED: UPSTREAM,
  UPSTREAM_SILENT: { ...UPSTREAM, status: 504 },
  UPSTREAM_REFUSED: UPSTREAM,
};

const FAULT: Shape = { status: 500, openai: ['server_error', 'internal_error'], anthropic: 'api_error' };

/** What is wrong, in words that a client library shows as they are. */
export interface ClientFault {
  readonly code: GatewayErrorCode | 'INTERNAL';
  readonly message: string;
  readonly cure: string;
  readonly field?: string;
  /** Seconds after which trying again makes sense. */
  readonly retryAfter?: number;
}

/** Status, headers and body of a refusal in the format of the client. */
export function errorAnswer(
  format: FormatName,
  fault: ClientFault,
  requestId: string,
): { readonly status: number; readonly headers: { readonly [name: string]: string }; readonly body: JsonObject } {
  const shape = (fault.code === 'INTERNAL' ? undefined : SHAPES[fault.code]) ?? FAULT;
  const anthropic = format === 'messages';
  const retry = shape.retry === true;
  return {
    status: anthropic && fault.code === 'BUDGET_SPENT' ? 402 : shape.status,
    headers: {
      'x-should-retry': String(retry),
      'x-maestro-error': fault.code,
      ...(fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) }),
    },
    body: errorBody(format, fault, requestId),
  };
}

/** The body alone, as it also stands in a stream that breaks off. */
export function errorBody(format: FormatName, fault: ClientFault, requestId: string): JsonObject {
  const shape = (fault.code === 'INTERNAL' ? undefined : SHAPES[fault.code]) ?? FAULT;
  const message = `${fault.message} (${fault.code}). ${fault.cure}`;
  if (format === 'messages') return { type: 'error', error: { type: shape.anthropic, message }, request_id: requestId };
  const [type, code] = shape.openai;
  return { error: { message, type, param: fault.field ?? null, code } };
}
