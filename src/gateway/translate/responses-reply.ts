import type { JsonObject } from '../formats/format.ts';
import { eventData, isObject, listIn, objectIn, textIn } from '../formats/read.ts';
import { responses } from '../formats/responses.ts';
import { NO_TOKENS, promptTokens, type TokenUsage } from '../tokens.ts';
import type { Call, Delta, Ended, Named, Reply } from './dialogue.ts';

export function readResponsesReply(answer: JsonObject): Reply {
  const parts = listIn(answer, 'output').flatMap((item): Reply['parts'][number][] => {
    if (!isObject(item)) return [];
    if (item['type'] === 'function_call') return [callOf(item)];
    if (item['type'] !== 'message') return [];
    return listIn(item, 'content').flatMap((part) => {
      const text = isObject(part) ? (textIn(part, 'text') ?? textIn(part, 'refusal')) : undefined;
      return text === undefined ? [] : [{ kind: 'text' as const, text }];
    });
  });
  return {
    parts,
    ended: endedOf(
      answer,
      parts.some(({ kind }) => kind === 'call'),
    ),
    usage: responses.usageOf(answer) ?? NO_TOKENS,
  };
}

function callOf(item: JsonObject): Call {
  return {
    kind: 'call',
    id: textIn(item, 'call_id') ?? '',
    name: textIn(item, 'name') ?? '',
    arguments: textIn(item, 'arguments') ?? '',
  };
}

function endedOf(answer: JsonObject, calls: boolean): Ended {
  if (answer['status'] !== 'incomplete') return calls ? 'calls' : 'stop';
  return textIn(objectIn(answer, 'incomplete_details'), 'reason') === 'content_filter' ? 'refused' : 'length';
}

export function responsesReader(): { push(event: string): readonly Delta[] } {
  let calls = false;
  return {
    push(event) {
      const data = eventData(event);
      if (data === undefined) return [];
      switch (textIn(data, 'type')) {
        case 'response.created':
          return [{ kind: 'start', usage: undefined }];
        case 'response.output_text.delta':
          return [{ kind: 'text', text: textIn(data, 'delta') ?? '' }];
        case 'response.output_item.added': {
          const item = objectIn(data, 'item');
          if (item['type'] !== 'function_call') return [];
          calls = true;
          return [{ kind: 'call', id: textIn(item, 'call_id') ?? '', name: textIn(item, 'name') ?? '' }];
        }
        case 'response.function_call_arguments.delta':
          return [{ kind: 'arguments', text: textIn(data, 'delta') ?? '' }];
        case 'response.completed':
        case 'response.incomplete': {
          const response = objectIn(data, 'response');
          return [{ kind: 'end', ended: endedOf(response, calls), usage: responses.usageOf(response) ?? NO_TOKENS }];
        }
        case 'response.failed':
          return [
            { kind: 'error', message: textIn(objectIn(objectIn(data, 'response'), 'error'), 'message') ?? 'unknown' },
          ];
        case 'error':
          return [{ kind: 'error', message: textIn(data, 'message') ?? 'unknown' }];
        default:
          return [];
      }
    },
  };
}

export function writeResponsesReply({ parts, ended, usage }: Reply, named: Named): JsonObject {
  const text = parts.flatMap((part) => (part.kind === 'text' ? [part.text] : [])).join('');
  const calls = parts.flatMap((part) => (part.kind === 'call' ? [part] : []));
  const output = [
    ...(text === '' ? [] : [messageItem(named, 0, text, 'completed')]),
    ...calls.map((call, i) => callItem(named, (text === '' ? 0 : 1) + i, call, 'completed')),
  ];
  return responseOf(named, ended, output, usage);
}

export function messageItem({ id }: Named, index: number, text: string | undefined, status: string): JsonObject {
  const content = text === undefined ? [] : [textPart(text)];
  return { type: 'message', id: `msg_${id}_${index}`, status, role: 'assistant', content };
}

export function textPart(text: string): JsonObject {
  return { type: 'output_text', text, annotations: [], logprobs: [] };
}

export function callItem({ id }: Named, index: number, call: Omit<Call, 'kind'>, status: string): JsonObject {
  return {
    type: 'function_call',
    id: `fc_${id}_${index}`,
    call_id: call.id,
    name: call.name,
    arguments: call.arguments,
    status,
  };
}

/** Undefined `ended`: still under way. */
export function responseOf(
  { id, model, created }: Named,
  ended: Ended | undefined,
  output: readonly JsonObject[],
  usage: TokenUsage | undefined,
): JsonObject {
  const cut = ended === 'length' || ended === 'refused';
  return {
    id: `resp_${id}`,
    object: 'response',
    created_at: created,
    status: ended === undefined ? 'in_progress' : cut ? 'incomplete' : 'completed',
    error: null,
    incomplete_details: cut ? { reason: ended === 'length' ? 'max_output_tokens' : 'content_filter' } : null,
    instructions: null,
    metadata: {},
    model,
    output,
    parallel_tool_calls: true,
    temperature: null,
    tool_choice: 'auto',
    tools: [],
    top_p: null,
    store: false,
    usage: usage === undefined ? null : responsesUsage(usage),
  };
}

function responsesUsage(usage: TokenUsage): JsonObject {
  const input = promptTokens(usage);
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: usage.cacheRead },
    output_tokens: usage.output,
    output_tokens_details: { reasoning_tokens: usage.reasoning },
    total_tokens: input + usage.output,
  };
}
