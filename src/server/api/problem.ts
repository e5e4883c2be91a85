import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { isMaestroError, type MaestroError } from '#kernel/error.ts';
import type { Json } from '#kernel/json.ts';
import { errorEntry } from '#app/errors.ts';
import { Refusal } from '#app/perform.ts';
import type { Reason } from '#domain/reason.ts';
import { API_BASE, ApiError } from '#api/index.ts';

/** RFC 9457, with Maestro's code and cure. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly cure: string;
  readonly reasons?: readonly Reason[];
  readonly details?: { readonly [name: string]: Json };
}

/** Codes whose status their exit code does not tell. */
const STATUS: { readonly [code: string]: number } = Object.freeze({
  UNAUTHENTICATED: 401,
  NO_SUCH_TENANT: 404,
  NOT_FOUND: 404,
  TENANT_EXISTS: 409,
  TENANT_INVALID: 422,
  WORK_INVALID: 422,
  TASK_KEY_REUSED: 409,
  CAP_BELOW_USED: 409,
  OVERRIDE_INVALID: 422,
  SOURCE_UNREACHABLE: 422,
  BODY_TOO_LARGE: 413,
  BODY_TYPE: 415,
  RATE_LIMITED: 429,
  IDEMPOTENCY_KEY_REUSED: 422,
  IDEMPOTENCY_UNKNOWN: 409,
  HOST_UNKNOWN: 421,
  INTERNAL: 500,
});

const BY_EXIT = Object.freeze({ 1: 409, 2: 400, 3: 403, 4: 503, 70: 500 });

function statusOf({ code }: MaestroError): number {
  return STATUS[code] ?? (code.endsWith('_UNKNOWN') ? 404 : BY_EXIT[errorEntry(code)?.exit ?? 70]);
}

const problem = (status: number, code: string, detail: string, cure: string): Problem => ({
  type: `${API_BASE}/errors/${code}`,
  title: code.toLowerCase().replaceAll('_', ' '),
  ...{ status, detail, code, cure },
});

/** Every fault as a problem; one that nobody foresaw tells nothing of the inside. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Refusal) {
    const cure = 'Do as the reasons say';
    return { ...problem(403, 'DENIED', error.message, cure), reasons: error.reasons };
  }
  const known = error instanceof z.ZodError ? invalid(error) : fromServer(error);
  if (isMaestroError(known)) {
    const more = Object.keys(known.details).length === 0 ? {} : { details: known.details };
    return { ...problem(statusOf(known), known.code, known.message, known.cure), ...more };
  }
  const cure = errorEntry('INTERNAL')?.cure ?? '';
  return problem(500, 'INTERNAL', 'the request failed; the log of the server says why', cure);
}

function invalid(error: z.ZodError): ApiError {
  const faults = error.issues.slice(0, 20).map(({ path, message }) => ({ field: path.join('.'), message }));
  const [first] = faults;
  return new ApiError('REQUEST_INVALID', `${first?.field || 'the request'}: ${first?.message ?? ''}`, { faults });
}

/** What the HTTP server itself refuses. */
function fromServer(error: unknown): unknown {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  if (isMaestroError(error) || typeof status !== 'number' || status >= 500) return error;
  if (status === 413) return new ApiError('BODY_TOO_LARGE', 'the body is too large');
  if (status === 415) return new ApiError('BODY_TYPE', 'the body is of a type that is not read here');
  return new ApiError('REQUEST_INVALID', 'the request cannot be read');
}

export function sendProblem(reply: FastifyReply, told: Problem): FastifyReply {
  if (told.status === 401) void reply.header('www-authenticate', 'Bearer realm="maestro"');
  return reply.code(told.status).type('application/problem+json').send(JSON.stringify(told));
}
