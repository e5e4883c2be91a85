import { type Answer, callsOf, textOf } from '../answer.ts';
import { readChat } from '../shapes/chat.ts';
import { event, openaiError, type Said, type Speech } from './speech.ts';

const REASONS = { said: 'stop', calls: 'tool_calls', length: 'length' } as const;

export const chatSpeech: Speech = {
  path: '/v1/chat/completions',
  read: readChat,
  error: openaiError,
  body(answer) {
    const calls = callsOf(answer);
    const message = {
      role: 'assistant',
      content: textOf(answer) || null,
      refusal: null,
      ...(calls.length === 0
        ? {}
        : { tool_calls: calls.map(({ id, ...rest }) => ({ id, type: 'function', function: rest })) }),
    };
    return {
      ...head(answer),
      object: 'chat.completion',
      choices: [{ index: 0, message, logprobs: null, finish_reason: REASONS[answer.ended] }],
      usage: usageOf(answer),
    };
  },
  events(answer) {
    const base = { ...head(answer), object: 'chat.completion.chunk', ...(answer.usageEvent ? { usage: null } : {}) };
    const chunk = (delta: object, finish: string | null = null): string =>
      event({ ...base, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }] });
    return [
      { text: chunk({ role: 'assistant', content: '' }), tokens: 0 },
      ...answer.pieces.map((piece): Said => ({ text: chunk(deltaOf(piece)), tokens: piece.tokens })),
      { text: chunk({}, REASONS[answer.ended]), tokens: 0 },
      ...(answer.usageEvent ? [{ text: event({ ...base, choices: [], usage: usageOf(answer) }), tokens: 0 }] : []),
      { text: event('[DONE]'), tokens: 0 },
    ];
  },
};

function head({ id, model }: Answer): object {
  return { id: `double-chatcmpl-${id}`, created: 0, model, system_fingerprint: 'double', service_tier: 'default' };
}

function deltaOf(piece: Answer['pieces'][number]): object {
  if (piece.kind === 'text') return { content: piece.text };
  if (piece.kind === 'arguments') return { tool_calls: [{ index: piece.call, function: { arguments: piece.text } }] };
  return {
    tool_calls: [{ index: piece.call, id: piece.id, type: 'function', function: { name: piece.name, arguments: '' } }],
  };
}

function usageOf({ prompt, output }: Answer): object {
  const input = prompt.input + prompt.cacheRead + prompt.cacheWrite;
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: prompt.cacheRead, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}
