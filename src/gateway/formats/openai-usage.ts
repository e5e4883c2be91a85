import type { TokenUsage } from '../tokens.ts';
import type { JsonObject } from './format.ts';
import { countIn, objectIn } from './read.ts';

/** How each of OpenAI's two formats calls the tokens that go in and those that come out; the shape is the same. */
const NAMES = { chat: ['prompt_tokens', 'completion_tokens'], responses: ['input_tokens', 'output_tokens'] } as const;

/** Tokens of `usage`, each counted once: OpenAI counts cached ones among the input, and reasoning among the output. */
export function openAiUsage(usage: JsonObject, format: keyof typeof NAMES): TokenUsage {
  const [into, outOf] = NAMES[format];
  const details = objectIn(usage, `${into}_details`);
  const cacheRead = countIn(details, 'cached_tokens');
  const cacheWrite = countIn(details, 'cache_write_tokens');
  return {
    input: Math.max(0, countIn(usage, into) - cacheRead - cacheWrite),
    cacheRead,
    cacheWrite,
    cacheWriteHour: 0,
    output: countIn(usage, outOf),
    reasoning: countIn(objectIn(usage, `${outOf}_details`), 'reasoning_tokens'),
  };
}
