import type { JsonObject } from '../formats/format.ts';
import { messages } from '../formats/messages.ts';
import { eventData, isObject, listIn, objectIn, textIn } from '../formats/read.ts';
import { eventText } from '../sse.ts';
import { NO_TOKENS, type TokenUsage } from '../tokens.ts';
import type { Delta, Ended, Named, Reply } from './dialogue.ts';
import { argumentsOf } from './parts.ts';

const ENDED: { readonly [reason: string]: Ended } = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  tool_use: 'calls',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  refusal: 'refused',
};
const REASONS: { readonly [ended in Ended]: string } = {
  stop: 'end_turn',
  calls: 'tool_use',
  length: 'max_tokens',
  refused: 'refusal',
};

export function readMessagesReply(answer: JsonObject): Reply {
  return {
    parts: listIn(answer, 'content').flatMap((block): Reply['parts'][number][] => {
      if (!isObject(block)) return [];
      if (block['type'] === 'text') return [{ kind: 'text', text: textIn(block, 'text') ?? '' }];
      if (block['type'] !== 'tool_use') return [];
      const call = { id: textIn(block, 'id') ?? '', name: textIn(block, 'name') ?? '' };
      return [{ kind: 'call', ...call, arguments: JSON.stringify(block['input'] ?? {}) }];
    }),
    ended: ENDED[textIn(answer, 'stop_reason') ?? ''] ?? 'stop',
    usage: messages.usageOf(answer) ?? NO_TOKENS,
  };
}

export function writeMessagesReply({ parts, ended, usage }: Reply, named: Named): JsonObject {
  return {
    ...headOf(named),
    content: parts.map((part) =>
      part.kind === 'text'
        ? { type: 'text', text: part.text, citations: null }
        : { type: 'tool_use', id: part.id, name: part.name, input: argumentsOf(part.arguments) },
    ),
    stop_reason: REASONS[ended],
    usage: messagesUsage(usage),
  };
}

export function messagesReader(): { push(event: string): readonly Delta[] } {
  const watch = messages.watch({ usageEvent: true });
  let ended: Ended = 'stop';
  return {
    push(event) {
      watch.see(event);
      const data = eventData(event);
      if (data === undefined) return [];
      switch (textIn(data, 'type')) {
        case 'message_start':
          return [{ kind: 'start', usage: watch.usage }];
        case 'content_block_start':
          return beginOf(objectIn(data, 'content_block'));
        case 'content_block_delta':
          return moreOf(objectIn(data, 'delta'));
        case 'message_delta':
          ended = ENDED[textIn(objectIn(data, 'delta'), 'stop_reason') ?? ''] ?? ended;
          return [];
        case 'message_stop':
          return [{ kind: 'end', ended, usage: watch.usage ?? NO_TOKENS }];
        case 'error':
          return [{ kind: 'error', message: textIn(objectIn(data, 'error'), 'message') ?? 'unknown' }];
        default:
          return [];
      }
    },
  };
}

function beginOf(block: JsonObject): readonly Delta[] {
  if (block['type'] === 'tool_use')
    return [{ kind: 'call', id: textIn(block, 'id') ?? '', name: textIn(block, 'name') ?? '' }];
  const text = block['type'] === 'text' ? (textIn(block, 'text') ?? '') : '';
  return text === '' ? [] : [{ kind: 'text', text }];
}

function moreOf(delta: JsonObject): readonly Delta[] {
  if (delta['type'] === 'text_delta') return [{ kind: 'text', text: textIn(delta, 'text') ?? '' }];
  if (delta['type'] === 'input_json_delta') return [{ kind: 'arguments', text: textIn(delta, 'partial_json') ?? '' }];
  return [];
}

export function messagesWriter(named: Named): { push(delta: Delta): string } {
  let index = -1;
  let open: 'text' | 'call' | undefined;
  const say = (type: string, data: JsonObject): string => eventText(JSON.stringify({ type, ...data }), type);
  const stop = (): string => (open === undefined ? '' : say('content_block_stop', { index }));
  const begin = (kind: 'text' | 'call', block: JsonObject): string => {
    const before = stop();
    index++;
    open = kind;
    return before + say('content_block_start', { index, content_block: block });
  };
  const more = (delta: JsonObject): string => say('content_block_delta', { index, delta });
  return {
    push(delta) {
      switch (delta.kind) {
        case 'start': {
          const usage = messagesUsage(delta.usage ?? NO_TOKENS);
          return say('message_start', { message: { ...headOf(named), content: [], stop_reason: null, usage } });
        }
        case 'text': {
          const before = open === 'text' ? '' : begin('text', { type: 'text', text: '' });
          return before + more({ type: 'text_delta', text: delta.text });
        }
        case 'call':
          return begin('call', { type: 'tool_use', id: delta.id, name: delta.name, input: {} });
        case 'arguments':
          return more({ type: 'input_json_delta', partial_json: delta.text });
        case 'error':
          return say('error', { error: { type: 'api_error', message: delta.message } });
        case 'end': {
          const last = {
            delta: { stop_reason: REASONS[delta.ended], stop_sequence: null },
            usage: messagesUsage(delta.usage),
          };
          return stop() + say('message_delta', last) + say('message_stop', {});
        }
      }
    },
  };
}

function headOf({ id, model }: Named): JsonObject {
  return { id: `msg_${id}`, type: 'message', role: 'assistant', model, stop_sequence: null };
}

function messagesUsage(usage: TokenUsage): JsonObject {
  return {
    input_tokens: usage.input,
    cache_read_input_tokens: usage.cacheRead,
    cache_creation_input_tokens: usage.cacheWrite + usage.cacheWriteHour,
    output_tokens: usage.output,
  };
}
