import type { JsonObject } from '../formats/format.ts';
import { isObject, listIn } from '../formats/read.ts';

/** Below this many bytes no provider caches a prefix (1024 tokens). */
const LEAST_BYTES = 4096;
const MARK = { type: 'ephemeral' } as const;

/**
 * Marks what Anthropic may cache: tools, system prompt and the conversation so far, for a client that keeps asking and
 * marks nothing itself. The text that the model reads stays the same, byte by byte.
 */
export function withBreakpoints(body: JsonObject, raw: string): JsonObject {
  if (raw.length < LEAST_BYTES || raw.includes('"cache_control"')) return body;
  const messages = listIn(body, 'messages');
  const tools = listIn(body, 'tools');
  const system =
    typeof body['system'] === 'string' && body['system'] !== ''
      ? [{ type: 'text', text: body['system'] }]
      : listIn(body, 'system');
  return {
    ...body,
    ...(tools.length === 0 ? {} : { tools: lastMarked(tools) }),
    ...(system.length === 0 ? {} : { system: lastMarked(system) }),
    messages: messages.with(-1, messageMarked(messages.at(-1))),
  };
}

function messageMarked(message: unknown): unknown {
  if (!isObject(message)) return message;
  const content = message['content'];
  const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : listIn(message, 'content');
  return { ...message, content: lastMarked(blocks) };
}

/** Thoughts cannot carry a mark, nor can what is empty. */
function lastMarked(blocks: readonly unknown[]): readonly unknown[] {
  const last = blocks.at(-1);
  if (!isObject(last) || last['type'] === 'thinking' || last['type'] === 'redacted_thinking' || last['text'] === '')
    return blocks;
  return blocks.with(-1, { ...last, cache_control: MARK });
}
