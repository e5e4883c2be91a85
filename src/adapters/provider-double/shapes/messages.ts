import { z } from 'zod';
import type { Prompt } from '../prompt.ts';

// From the published types of POST /v1/messages (anthropic-version 2023-06-01).
const cache = z
  .strictObject({ type: z.literal('ephemeral'), ttl: z.enum(['5m', '1h']).optional() })
  .nullable()
  .optional();
const text = z.strictObject({
  type: z.literal('text'),
  text: z.string().min(1),
  cache_control: cache,
  citations: z.unknown().optional(),
});
const image = z.strictObject({
  type: z.literal('image'),
  source: z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('base64'),
      media_type: z.enum(['image/jpeg', 'image/png', 'image/gif', 'image/webp']),
      data: z.base64(),
    }),
    z.strictObject({ type: z.literal('url'), url: z.string() }),
  ]),
  cache_control: cache,
});
const toolUse = z.strictObject({
  type: z.literal('tool_use'),
  id: z.string().regex(/^[a-zA-Z0-9_-]+$/),
  name: z.string(),
  input: z.record(z.string(), z.unknown()),
  cache_control: cache,
  caller: z.unknown().optional(),
});
const toolResult = z.strictObject({
  type: z.literal('tool_result'),
  tool_use_id: z.string().min(1),
  content: z.union([z.string(), z.array(z.discriminatedUnion('type', [text, image]))]).optional(),
  is_error: z.boolean().optional(),
  cache_control: cache,
});
const thinking = z.strictObject({ type: z.literal('thinking'), thinking: z.string(), signature: z.string() });
const block = z.discriminatedUnion('type', [text, image, toolUse, toolResult, thinking]);
const message = z.strictObject({
  role: z.enum(['user', 'assistant']),
  content: z.union([z.string().min(1), z.array(block).min(1)]),
});
const tool = z.strictObject({
  type: z.literal('custom').optional(),
  name: z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/),
  description: z.string().optional(),
  input_schema: z.looseObject({ type: z.literal('object') }),
  cache_control: cache,
  strict: z.boolean().optional(),
  eager_input_streaming: z.boolean().nullable().optional(),
});

const counted = {
  model: z.string().min(1),
  messages: z.array(message).min(1),
  system: z.union([z.string(), z.array(text)]).optional(),
  tools: z.array(tool).optional(),
  tool_choice: z
    .strictObject({
      type: z.enum(['auto', 'any', 'tool', 'none']),
      name: z.string().optional(),
      disable_parallel_tool_use: z.boolean().optional(),
    })
    .optional(),
  thinking: z
    .looseObject({
      type: z.enum(['enabled', 'disabled', 'adaptive']),
      budget_tokens: z.number().int().min(1024).optional(),
    })
    .optional(),
};
const schema = z.strictObject({
  ...counted,
  max_tokens: z.number().int().positive(),
  stream: z.boolean().optional(),
  stop_sequences: z.array(z.string()).optional(),
  temperature: z.number().min(0).max(1).optional(),
  top_p: z.number().min(0).max(1).optional(),
  top_k: z.number().int().min(0).optional(),
  metadata: z.strictObject({ user_id: z.string().nullable().optional() }).optional(),
  output_config: z.looseObject({}).optional(),
  cache_control: cache,
});

/** Reads a request as the provider would. Throws a ZodError, or an Error whose text the provider would give. */
export function readMessages(body: unknown): Prompt {
  const read = schema.parse(body);
  if ((read.thinking?.budget_tokens ?? 0) >= read.max_tokens)
    throw new Error('`max_tokens` must be greater than `thinking.budget_tokens`');
  return promptOf(read, read.max_tokens, read.stream ?? false);
}

/** The same for counting, where nothing is generated. */
export function readCount(body: unknown): Prompt {
  return promptOf(z.strictObject({ ...counted, cache_control: cache }).parse(body), 0, false);
}

type Counted = z.infer<z.ZodObject<typeof counted>>;

function promptOf(read: Counted, maxOutput: number, stream: boolean): Prompt {
  checkResults(read.messages);
  const system = typeof read.system === 'string' ? [{ type: 'text' as const, text: read.system }] : (read.system ?? []);
  const turns = read.messages.flatMap(({ role, content }) =>
    typeof content === 'string'
      ? [{ text: `${role}: ${content}`, breakpoint: false }]
      : content.map((each) => ({ text: `${role}: ${plain(each)}`, breakpoint: marked(each) })),
  );
  return {
    model: read.model,
    stream,
    maxOutput,
    parts: [...(read.tools ?? []), ...system]
      .map((each) => ({ text: plain(each), breakpoint: marked(each) }))
      .concat(turns),
    last: JSON.stringify(read.messages.findLast(({ role }) => role === 'user')?.content ?? ''),
    turns: read.messages.filter(({ role }) => role === 'assistant').length,
    tools: (read.tools ?? []).map(({ name }) => name),
    usageEvent: true,
  };
}

/** Every tool use is answered at the start of the next message, and nothing else is. */
function checkResults(messages: Counted['messages']): void {
  let open: string[] = [];
  for (const [i, { role, content }] of messages.entries()) {
    const blocks = typeof content === 'string' ? [] : content;
    const results = blocks.flatMap((each) => (each.type === 'tool_result' ? [each.tool_use_id] : []));
    const missing = open.filter((id) => !results.includes(id));
    if (missing.length > 0) {
      throw new Error(
        `messages.${i}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(', ')}`,
      );
    }
    const stray = results.find((id) => !open.includes(id));
    if (stray !== undefined)
      throw new Error(`messages.${i}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${stray}`);
    open = role === 'assistant' ? blocks.flatMap((each) => (each.type === 'tool_use' ? [each.id] : [])) : [];
  }
}

/** Marks are no part of the text. */
function plain(each: object): string {
  return JSON.stringify({ ...each, cache_control: undefined });
}

function marked(each: object): boolean {
  return 'cache_control' in each && each.cache_control !== undefined && each.cache_control !== null;
}
