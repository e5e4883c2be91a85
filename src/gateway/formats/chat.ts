import type { TokenUsage } from '../tokens.ts';
import type { Asked, JsonObject, Settled, StreamWatch, WireFormat } from './format.ts';
import { openAiUsage } from './openai-usage.ts';
import { eventData, flagIn, isObject, listIn, malformed, modelIn, objectIn, positiveIn } from './read.ts';

/** OpenAI Chat Completions, also spoken by vLLM, Ollama, llama.cpp and most others. */
export const chat: WireFormat = {
  name: 'chat',
  path: '/chat/completions',
  read,
  settle,
  usageOf: (answer) => (isObject(answer['usage']) ? openAiUsage(answer['usage'], 'chat') : undefined),
  watch,
};

function read(body: JsonObject): Asked {
  if (!Array.isArray(body['messages']) || body['messages'].length === 0) {
    throw malformed('messages must be a list with at least one message', 'messages');
  }
  const stream = flagIn(body, 'stream');
  return {
    model: modelIn(body),
    stream,
    maxOutput: positiveIn(body, 'max_completion_tokens') ?? positiveIn(body, 'max_tokens'),
    choices: positiveIn(body, 'n') ?? 1,
    usageEvent: flagIn(objectIn(body, 'stream_options'), 'include_usage'),
    repeatable: body['temperature'] === 0,
    tools: listIn(body, 'tools').length > 0,
  };
}

function settle(body: JsonObject, { model, maxOutput, stream, maxField }: Settled): JsonObject {
  const { max_tokens: _short, max_completion_tokens: _long, ...rest } = body;
  const settled = { ...rest, model, [maxField]: maxOutput };
  if (!stream) return settled;
  // Without it a stream ends without saying what it used.
  return { ...settled, stream, stream_options: { ...objectIn(body, 'stream_options'), include_usage: true } };
}

function watch({ usageEvent }: Pick<Asked, 'usageEvent'>): StreamWatch {
  let usage: TokenUsage | undefined;
  let done = false;
  return {
    see(event) {
      if (event.includes('[DONE]') && /^data:\s*\[DONE\]/m.test(event)) done = true;
      if (!event.includes('"usage"')) return true;
      const data = eventData(event);
      if (data === undefined || !isObject(data['usage'])) return true;
      usage = openAiUsage(data['usage'], 'chat');
      return usageEvent || listIn(data, 'choices').length > 0;
    },
    get done() {
      return done;
    },
    get usage() {
      return usage;
    },
    partial: false,
  };
}
