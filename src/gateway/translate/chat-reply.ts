import { chat } from '../formats/chat.ts';
import type { JsonObject } from '../formats/format.ts';
import { eventData, isObject, listIn, objectIn, textIn } from '../formats/read.ts';
import { eventText } from '../sse.ts';
import { NO_TOKENS, promptTokens, type TokenUsage } from '../tokens.ts';
import type { Call, Delta, Ended, Named, Reply } from './dialogue.ts';

const ENDED: { readonly [reason: string]: Ended } = {
  stop: 'stop',
  tool_calls: 'calls',
  length: 'length',
  content_filter: 'refused',
};
const REASONS: { readonly [ended in Ended]: string } = {
  stop: 'stop',
  calls: 'tool_calls',
  length: 'length',
  refused: 'content_filter',
};

export function readChatReply(answer: JsonObject): Reply {
  const [first] = listIn(answer, 'choices');
  const choice = isObject(first) ? first : {};
  const message = objectIn(choice, 'message');
  const text = textIn(message, 'content') ?? '';
  const calls = listIn(message, 'tool_calls').flatMap((call): Call[] => {
    if (!isObject(call)) return [];
    const made = objectIn(call, 'function');
    return [
      {
        kind: 'call',
        id: textIn(call, 'id') ?? '',
        name: textIn(made, 'name') ?? '',
        arguments: textIn(made, 'arguments') ?? '',
      },
    ];
  });
  return {
    parts: [...(text === '' ? [] : [{ kind: 'text' as const, text }]), ...calls],
    ended: ENDED[textIn(choice, 'finish_reason') ?? ''] ?? 'stop',
    usage: chat.usageOf(answer) ?? NO_TOKENS,
  };
}

export function writeChatReply({ parts, ended, usage }: Reply, named: Named): JsonObject {
  const text = parts.flatMap((part) => (part.kind === 'text' ? [part.text] : [])).join('');
  const calls = parts.flatMap((part) =>
    part.kind === 'call'
      ? [{ id: part.id, type: 'function', function: { name: part.name, arguments: part.arguments } }]
      : [],
  );
  const message = {
    role: 'assistant',
    content: text === '' ? null : text,
    refusal: null,
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
  return {
    ...headOf(named, 'chat.completion'),
    choices: [{ index: 0, message, logprobs: null, finish_reason: REASONS[ended] }],
    usage: chatUsage(usage),
  };
}

/** Calls and their arguments come one after the other, so a number that changes is a new call. */
export function chatReader(): { push(event: string): readonly Delta[] } {
  let started = false;
  let ended: Ended | undefined;
  let usage: TokenUsage = NO_TOKENS;
  return {
    push(event) {
      if (/^data:\s*\[DONE\]/m.test(event)) return [{ kind: 'end', ended: ended ?? 'stop', usage }];
      const data = eventData(event);
      if (data === undefined) return [];
      if (isObject(data['error'])) return [{ kind: 'error', message: textIn(data['error'], 'message') ?? 'unknown' }];
      const deltas: Delta[] = started ? [] : [{ kind: 'start', usage: undefined }];
      started = true;
      usage = chat.usageOf(data) ?? usage;
      const [first] = listIn(data, 'choices');
      if (!isObject(first)) return deltas;
      ended = ENDED[textIn(first, 'finish_reason') ?? ''] ?? ended;
      return [...deltas, ...deltasOf(objectIn(first, 'delta'))];
    },
  };
}

function deltasOf(delta: JsonObject): readonly Delta[] {
  const text = textIn(delta, 'content') ?? '';
  const deltas: Delta[] = text === '' ? [] : [{ kind: 'text', text }];
  for (const call of listIn(delta, 'tool_calls')) {
    if (!isObject(call)) continue;
    const made = objectIn(call, 'function');
    const name = textIn(made, 'name');
    if (name !== undefined) deltas.push({ kind: 'call', id: textIn(call, 'id') ?? '', name });
    const more = textIn(made, 'arguments') ?? '';
    if (more !== '') deltas.push({ kind: 'arguments', text: more });
  }
  return deltas;
}

export function chatWriter(named: Named, usageEvent: boolean): { push(delta: Delta): string } {
  let call = -1;
  const chunk = (delta: JsonObject, reason: string | null = null): string =>
    eventText(
      JSON.stringify({
        ...headOf(named, 'chat.completion.chunk'),
        choices: [{ index: 0, delta, logprobs: null, finish_reason: reason }],
      }),
    );
  return {
    push(delta) {
      switch (delta.kind) {
        case 'start':
          return chunk({ role: 'assistant', content: '' });
        case 'text':
          return chunk({ content: delta.text });
        case 'call':
          call++;
          return chunk({
            tool_calls: [
              { index: call, id: delta.id, type: 'function', function: { name: delta.name, arguments: '' } },
            ],
          });
        case 'arguments':
          return chunk({ tool_calls: [{ index: call, function: { arguments: delta.text } }] });
        case 'error':
          return eventText(
            JSON.stringify({ error: { message: delta.message, type: 'server_error', param: null, code: null } }),
          );
        case 'end': {
          const last = { ...headOf(named, 'chat.completion.chunk'), choices: [], usage: chatUsage(delta.usage) };
          return (
            chunk({}, REASONS[delta.ended]) + (usageEvent ? eventText(JSON.stringify(last)) : '') + eventText('[DONE]')
          );
        }
      }
    },
  };
}

function headOf({ id, model, created }: Named, object: string): JsonObject {
  return { id: `chatcmpl-${id}`, object, created, model };
}

function chatUsage(usage: TokenUsage): JsonObject {
  const prompt = promptTokens(usage);
  return {
    prompt_tokens: prompt,
    completion_tokens: usage.output,
    total_tokens: prompt + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cacheRead },
    completion_tokens_details: { reasoning_tokens: usage.reasoning },
  };
}
