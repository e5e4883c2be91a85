import type { TokenUsage } from '../tokens.ts';
import type { Asked, JsonObject, Settled, StreamWatch, WireFormat } from './format.ts';
import {
  countIn,
  eventData,
  flagIn,
  isObject,
  listIn,
  malformed,
  modelIn,
  objectIn,
  positiveIn,
  textIn,
} from './read.ts';

/** Fewest tokens of thought that Anthropic accepts. */
const LEAST_THOUGHT = 1024;

/** Anthropic Messages. */
export const messages: WireFormat = {
  name: 'messages',
  path: '/messages',
  read,
  settle,
  usageOf: (answer) => (isObject(answer['usage']) ? usageFrom(answer['usage']) : undefined),
  watch,
};

function read(body: JsonObject): Asked {
  if (!Array.isArray(body['messages']) || body['messages'].length === 0) {
    throw malformed('messages must be a list with at least one message', 'messages');
  }
  const maxOutput = positiveIn(body, 'max_tokens');
  if (maxOutput === undefined) throw malformed('max_tokens: Field required', 'max_tokens');
  return {
    model: modelIn(body),
    stream: flagIn(body, 'stream'),
    maxOutput,
    choices: 1,
    usageEvent: true,
    repeatable: body['temperature'] === 0,
    tools: listIn(body, 'tools').length > 0,
  };
}

function settle(body: JsonObject, { model, maxOutput, stream }: Settled): JsonObject {
  const { thinking, ...rest } = body;
  const settled = { ...rest, model, max_tokens: maxOutput, ...(stream ? { stream } : {}) };
  const thought = isObject(thinking) ? countIn(thinking, 'budget_tokens') : 0;
  if (thinking === undefined || thought < maxOutput) return thinking === undefined ? settled : { ...settled, thinking };
  // The bound of the answer includes the thoughts and must be above theirs.
  if (maxOutput <= LEAST_THOUGHT) return { ...settled, thinking: { type: 'disabled' } };
  return { ...settled, thinking: { ...objectIn(body, 'thinking'), budget_tokens: maxOutput - 1 } };
}

function usageFrom(usage: JsonObject): TokenUsage {
  const created = objectIn(usage, 'cache_creation');
  const hour = countIn(created, 'ephemeral_1h_input_tokens');
  return {
    input: countIn(usage, 'input_tokens'),
    cacheRead: countIn(usage, 'cache_read_input_tokens'),
    cacheWrite: Math.max(0, countIn(usage, 'cache_creation_input_tokens') - hour),
    cacheWriteHour: hour,
    output: countIn(usage, 'output_tokens'),
    reasoning: countIn(objectIn(usage, 'output_tokens_details'), 'thinking_tokens'),
  };
}

/** The prompt is reported at the start, what was generated at the end. */
function watch(): StreamWatch {
  let usage: TokenUsage | undefined;
  let done = false;
  let ended = false;
  const see = (event: string): boolean => {
    if (!event.includes('"message_st') && !event.includes('"message_delta"')) return true;
    const data = eventData(event);
    const type = data && textIn(data, 'type');
    if (data === undefined) return true;
    if (type === 'message_start') usage = usageFrom(objectIn(objectIn(data, 'message'), 'usage'));
    if (type === 'message_stop') done = true;
    const last = data['usage'];
    if (type !== 'message_delta' || !isObject(last) || usage === undefined) return true;
    ended = true;
    const { output, reasoning, ...prompt } = usageFrom(last);
    // Counts of the prompt stand at the end too, when they changed by then.
    const known = last['input_tokens'] === undefined || last['input_tokens'] === null ? usage : { ...usage, ...prompt };
    usage = { ...known, output, reasoning };
    return true;
  };
  return {
    see,
    get done() {
      return done;
    },
    get usage() {
      return usage;
    },
    get partial() {
      return !ended;
    },
  };
}
