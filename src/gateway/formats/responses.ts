import type { TokenUsage } from '../tokens.ts';
import type { Asked, JsonObject, Settled, StreamWatch, WireFormat } from './format.ts';
import { openAiUsage } from './openai-usage.ts';
import { eventData, flagIn, isObject, listIn, malformed, modelIn, objectIn, positiveIn, textIn } from './read.ts';

/** OpenAI Responses. Answers are never kept at the provider: one company key serves many tenants. */
export const responses: WireFormat = {
  name: 'responses',
  path: '/responses',
  read,
  settle: (body, { model, maxOutput, stream }: Settled) => ({
    ...body,
    model,
    max_output_tokens: maxOutput,
    store: false,
    ...(stream ? { stream } : {}),
  }),
  usageOf: (answer) => (isObject(answer['usage']) ? openAiUsage(answer['usage'], 'responses') : undefined),
  watch,
};

function read(body: JsonObject): Asked {
  const input = body['input'];
  if (typeof input !== 'string' && !(Array.isArray(input) && input.length > 0)) {
    throw malformed('input must be a text or a list with at least one item', 'input');
  }
  return {
    model: modelIn(body),
    stream: flagIn(body, 'stream'),
    maxOutput: positiveIn(body, 'max_output_tokens'),
    choices: 1,
    usageEvent: true,
    repeatable: body['temperature'] === 0,
    tools: listIn(body, 'tools').length > 0,
  };
}

const LAST = ['response.completed', 'response.incomplete', 'response.failed'];

function watch(): StreamWatch {
  let usage: TokenUsage | undefined;
  let done = false;
  return {
    see(event) {
      if (!LAST.some((type) => event.includes(type))) return true;
      const data = eventData(event);
      if (data === undefined || !LAST.includes(textIn(data, 'type') ?? '')) return true;
      const reported = objectIn(data, 'response')['usage'];
      if (isObject(reported)) usage = openAiUsage(reported, 'responses');
      done = true;
      return true;
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
