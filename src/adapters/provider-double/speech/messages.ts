import { type Answer, callsOf, textOf } from '../answer.ts';
import { readMessages } from '../shapes/messages.ts';
import { event, type Said, type Speech } from './speech.ts';

const REASONS = { said: 'end_turn', calls: 'tool_use', length: 'max_tokens' } as const;
const ERRORS: { readonly [status: number]: string } = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  404: 'not_found_error',
  429: 'rate_limit_error',
  529: 'overloaded_error',
};

export const messagesSpeech: Speech = {
  path: '/v1/messages',
  read: readMessages,
  error: (status, message) => ({
    type: 'error',
    error: { type: ERRORS[status] ?? 'api_error', message: `${message} (a double, no provider)` },
    request_id: 'double',
  }),
  body(answer) {
    const text = textOf(answer);
    const calls = callsOf(answer).map((call) => ({
      type: 'tool_use',
      id: call.id,
      name: call.name,
      input: argumentsOf(call.arguments),
    }));
    return {
      ...head(answer),
      content: [...(text === '' ? [] : [{ type: 'text', text, citations: null }]), ...calls],
      stop_reason: REASONS[answer.ended],
      usage: usageOf(answer, answer.output),
    };
  },
  events(answer) {
    const say = (type: string, data: object, tokens = 0): Said => ({ text: event({ type, ...data }, type), tokens });
    const start = { ...head(answer), content: [], stop_reason: null, usage: usageOf(answer, 1) };
    return [
      say('message_start', { message: start }),
      say('ping', {}),
      ...blocks(answer, say),
      say('message_delta', {
        delta: { stop_reason: REASONS[answer.ended], stop_sequence: null },
        usage: usageOf(answer, answer.output),
      }),
      say('message_stop', {}),
    ];
  },
};

function blocks(answer: Answer, say: (type: string, data: object, tokens?: number) => Said): readonly Said[] {
  const said: Said[] = [];
  let index = -1;
  let open = '';
  const begin = (name: string, block: object, tokens = 0): void => {
    if (index >= 0) said.push(say('content_block_stop', { index }));
    index++;
    open = name;
    said.push(say('content_block_start', { index, content_block: block }, tokens));
  };
  for (const piece of answer.pieces) {
    if (piece.kind === 'text') {
      if (open !== 'text') begin('text', { type: 'text', text: '' });
      said.push(say('content_block_delta', { index, delta: { type: 'text_delta', text: piece.text } }, piece.tokens));
    } else if (piece.kind === 'call') {
      begin(piece.id, { type: 'tool_use', id: piece.id, name: piece.name, input: {} }, piece.tokens);
    } else {
      said.push(
        say(
          'content_block_delta',
          { index, delta: { type: 'input_json_delta', partial_json: piece.text } },
          piece.tokens,
        ),
      );
    }
  }
  if (index >= 0) said.push(say('content_block_stop', { index }));
  return said;
}

function head({ id, model }: Answer): object {
  return { id: `double-msg-${id}`, type: 'message', role: 'assistant', model, stop_sequence: null };
}

function usageOf({ prompt }: Answer, output: number): object {
  return {
    input_tokens: prompt.input,
    cache_read_input_tokens: prompt.cacheRead,
    cache_creation_input_tokens: prompt.cacheWrite,
    cache_creation: { ephemeral_5m_input_tokens: prompt.cacheWrite, ephemeral_1h_input_tokens: 0 },
    output_tokens: output,
    service_tier: 'standard',
  };
}

/** Arguments that were cut off are none. */
function argumentsOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
