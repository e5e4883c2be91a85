import type { Attempt } from './attempt.ts';
import { GATEWAY_ERRORS, GatewayError } from './errors.ts';
import { errorAnswer } from './formats/error-body.ts';
import type { JsonObject } from './formats/format.ts';
import { isObject, objectIn, textIn } from './formats/read.ts';
import type { ClientAnswer } from './asking.ts';
import { answerHeaders, upstreamRequestId } from './headers.ts';
import type { UpstreamAnswer } from './ports.ts';

/** Names of errors by status, where a translated client chooses by name. */
const ANTHROPIC_TYPES: { readonly [status: number]: string } = {
  400: 'invalid_request_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  529: 'overloaded_error',
};
const OPENAI_TYPES: { readonly [status: number]: string } = {
  400: 'invalid_request_error',
  404: 'invalid_request_error',
  413: 'invalid_request_error',
  429: 'rate_limit_error',
};

/** How OpenAI, Anthropic and the servers that speak their formats say that a prompt does not fit the context window. */
const TOO_LONG = /context_length_exceeded|maximum context length|prompt is too long|exceeds? the (available )?context/i;

/**
 * The provider's no, for the client. Providers bill nothing for it. A no to the company's own key is a fault of the
 * gateway's configuration, and its text, which may quote the key, goes nowhere.
 */
export async function readRefusal(attempt: Attempt, answer: UpstreamAnswer): Promise<ClientAnswer | GatewayError> {
  const text = await answer.text().catch(() => '');
  attempt.end({ source: 'refused', status: answer.status, upstreamRequest: upstreamRequestId(answer.headers) });
  const { provider } = attempt.target;
  if (answer.status === 401 || answer.status === 402 || answer.status === 403) {
    const message = `${provider.name} refuses the company's own access (${answer.status})`;
    return new GatewayError('UPSTREAM_REFUSED', message, { provider: provider.name, status: answer.status });
  }
  if (answer.status < 500 && TOO_LONG.test(text)) return tooLong(attempt);
  const body = parsed(text);
  const headers = answerHeaders(answer.headers, attempt.wire.name, attempt.client.name);
  const same = (attempt.wire.name === 'messages') === (attempt.client.name === 'messages');
  return {
    status: answer.status,
    headers: { ...headers, 'content-type': 'application/json' },
    body: same && body !== undefined ? text : JSON.stringify(translated(attempt, answer.status, body)),
  };
}

/** One code for all providers, so that whoever has a longer window to go to can tell. */
function tooLong({ client, open, target }: Attempt): ClientAnswer {
  const code = 'PROMPT_TOO_LONG';
  const message = `the prompt does not fit the context window of ${target.model} at ${target.provider.name}`;
  const { status, headers, body } = errorAnswer(
    client.name,
    { code, message, cure: GATEWAY_ERRORS[code].cure },
    open.request,
  );
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined; // an error page of something in between
  }
}

function translated({ client, open, target }: Attempt, status: number, body: JsonObject | undefined): JsonObject {
  const error = objectIn(body ?? {}, 'error');
  const message = textIn(error, 'message') ?? `${target.provider.name} answered ${status}`;
  if (client.name === 'messages') {
    return {
      type: 'error',
      error: { type: ANTHROPIC_TYPES[status] ?? 'api_error', message },
      request_id: open.request,
    };
  }
  const type = OPENAI_TYPES[status] ?? 'server_error';
  return { error: { message, type, param: null, code: textIn(error, 'code') ?? textIn(error, 'type') ?? null } };
}
