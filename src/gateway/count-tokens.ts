import type { ClientAnswer, Asking } from './asking.ts';
import { GatewayError } from './errors.ts';
import type { JsonObject } from './formats/format.ts';
import { deniedText } from './prepare.ts';
import type { CallPolicy, Upstream } from './ports.ts';

/** Models of others than OpenAI cut text into up to a third more tokens (measured 1.35). */
const OTHERS = 1.35;

/**
 * Anthropic's `count_tokens`: asked of the provider where it can count, which costs nothing; otherwise an estimate by
 * OpenAI's public tokenizer. It brings the prompt to the provider, so policy decides as about a call.
 */
export async function countTokens(
  parts: { readonly policy: CallPolicy; readonly upstream: Upstream },
  { key, body, model, call }: Asking,
): Promise<ClientAnswer> {
  const [target] = model.targets;
  if (target === undefined) throw new GatewayError('MODEL_UNKNOWN', `${model.name} has no provider`);
  if (!target.provider.formats.includes('messages')) return counted(await estimate(body));
  const decided = await parts.policy.ask({ key, asked: model.name, provider: target.provider, model: target.model });
  if (!decided.allow) throw new GatewayError('CALL_DENIED', deniedText(decided.reasons));
  const { max_tokens: _max, stream: _stream, ...rest } = body;
  const answer = await parts.upstream.send(
    {
      provider: target.provider,
      path: '/messages/count_tokens',
      headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
      body: JSON.stringify({ ...rest, model: target.model }),
    },
    call.gone,
  );
  const text = await answer.text();
  if (answer.status === 401 || answer.status === 403) {
    throw new GatewayError(
      'UPSTREAM_REFUSED',
      `${target.provider.name} refuses the company's own access (${answer.status})`,
    );
  }
  return { status: answer.status, headers: { 'content-type': 'application/json' }, body: text };
}

function counted(tokens: number): ClientAnswer {
  const headers = { 'content-type': 'application/json', 'x-maestro-estimate': 'true' };
  return { status: 200, headers, body: JSON.stringify({ input_tokens: tokens }) };
}

/** The tokenizer's tables are large, so they are loaded at the first estimate. */
async function estimate(body: JsonObject): Promise<number> {
  const { countTokens: count } = await import('gpt-tokenizer/encoding/o200k_base');
  const { messages, system, tools } = body;
  return Math.ceil(count(JSON.stringify({ messages, system, tools })) * OTHERS);
}
