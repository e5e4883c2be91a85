import type { TokenUsage } from '../tokens.ts';
import type { Asked, JsonObject, Settled, StreamWatch, WireFormat } from './format.ts';
import { countIn, eventData, flagIn, isObject, listIn, malformed, modelIn, objectIn, positiveIn } from './read.ts';

/** OpenAI Chat Completions, also spoken by vLLM, Ollama, llama.cpp and most others. */
export const chat: WireFormat = {
  name: 'chat',
  path: '/chat/completions',
  read,
  settle,
  usageOf: (answer) => (isObject(answer['usage']) ? usageFrom(answer['usage']) : undefined),
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

function usageFrom(usage: JsonObject): TokenUsage {
  const details = objectIn(usage, 'prompt_tokens_details');
  const cacheRead = countIn(details, 'cached_tokens');
  const cacheWrite = countIn(details, 'cache_write_tokens');
  return {
    input: Math.max(0, countIn(usage, 'prompt_tokens') - cacheRead - cacheWrite),
    cacheRead,
    cacheWrite,
    cacheWriteHour: 0,
    output: countIn(usage, 'completion_tokens'),
    reasoning: countIn(objectIn(usage, 'completion_tokens_details'), 'reasoning_tokens'),
  };
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
      usage = usageFrom(data['usage']);
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
