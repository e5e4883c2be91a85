import { z } from 'zod';
import type { Prompt } from '../prompt.ts';

// From the published types of POST /v1/chat/completions.
const text = z.strictObject({ type: z.literal('text'), text: z.string(), cache_control: z.unknown().optional() });
const image = z.strictObject({
  type: z.literal('image_url'),
  image_url: z.strictObject({ url: z.string().min(1), detail: z.enum(['auto', 'low', 'high']).optional() }),
});
const content = z.union([z.string(), z.array(z.discriminatedUnion('type', [text, image])).min(1)]);
const call = z.strictObject({
  id: z.string().min(1),
  type: z.literal('function'),
  function: z.strictObject({ name: z.string().min(1), arguments: z.string() }),
});
const message = z.discriminatedUnion('role', [
  z.strictObject({ role: z.enum(['system', 'developer', 'user']), content, name: z.string().optional() }),
  z.strictObject({
    role: z.literal('assistant'),
    content: z.union([content, z.null()]).optional(),
    tool_calls: z.array(call).min(1).optional(),
    refusal: z.string().nullable().optional(),
    name: z.string().optional(),
    reasoning_content: z.string().optional(),
  }),
  z.strictObject({ role: z.literal('tool'), content, tool_call_id: z.string().min(1) }),
]);
const tool = z.strictObject({
  type: z.literal('function'),
  function: z.strictObject({
    name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/),
    description: z.string().optional(),
    parameters: z.record(z.string(), z.unknown()).optional(),
    strict: z.boolean().nullable().optional(),
  }),
});
const choice = z.union([
  z.enum(['none', 'auto', 'required']),
  z.strictObject({ type: z.literal('function'), function: z.strictObject({ name: z.string() }) }),
]);

const schema = z.strictObject({
  model: z.string().min(1),
  messages: z.array(message).min(1),
  stream: z.boolean().nullable().optional(),
  stream_options: z
    .strictObject({ include_usage: z.boolean().optional(), include_obfuscation: z.boolean().optional() })
    .nullable()
    .optional(),
  max_tokens: z.number().int().positive().nullable().optional(),
  max_completion_tokens: z.number().int().positive().nullable().optional(),
  n: z.number().int().min(1).max(128).nullable().optional(),
  temperature: z.number().min(0).max(2).nullable().optional(),
  top_p: z.number().min(0).max(1).nullable().optional(),
  stop: z.union([z.string(), z.array(z.string()).max(4), z.null()]).optional(),
  seed: z.number().int().nullable().optional(),
  tools: z.array(tool).max(128).optional(),
  tool_choice: choice.optional(),
  parallel_tool_calls: z.boolean().optional(),
  response_format: z.looseObject({ type: z.enum(['text', 'json_object', 'json_schema']) }).optional(),
  reasoning_effort: z.string().nullable().optional(),
  verbosity: z.string().nullable().optional(),
  frequency_penalty: z.number().min(-2).max(2).nullable().optional(),
  presence_penalty: z.number().min(-2).max(2).nullable().optional(),
  logit_bias: z.record(z.string(), z.number()).nullable().optional(),
  logprobs: z.boolean().nullable().optional(),
  top_logprobs: z.number().int().min(0).max(20).nullable().optional(),
  user: z.string().optional(),
  metadata: z.record(z.string(), z.string()).nullable().optional(),
  store: z.boolean().nullable().optional(),
  safety_identifier: z.string().optional(),
  prompt_cache_key: z.string().optional(),
  prompt_cache_retention: z.string().nullable().optional(),
});

type Body = z.infer<typeof schema>;

/** Reads a request as the provider would. Throws a ZodError, or an Error whose text the provider would give. */
export function readChat(body: unknown): Prompt {
  const read = schema.parse(body);
  checkAnswers(read.messages);
  const others = read.messages.filter(({ role }) => role !== 'assistant');
  return {
    model: read.model,
    stream: read.stream ?? false,
    maxOutput: read.max_completion_tokens ?? read.max_tokens ?? 4096,
    parts: [
      ...(read.tools ?? []).map((each) => ({ text: JSON.stringify(each), breakpoint: false })),
      ...read.messages.map((each) => ({ text: JSON.stringify(each), breakpoint: false })),
    ],
    last: textOf(others.at(-1)?.content ?? ''),
    turns: read.messages.filter(({ role }) => role === 'assistant').length,
    tools: (read.tools ?? []).map((each) => each.function.name),
    usageEvent: read.stream_options?.include_usage ?? false,
  };
}

/** Every call of a tool is answered by the messages right after it, and nothing else is. */
function checkAnswers(messages: Body['messages']): void {
  let open = new Set<string>();
  for (const each of messages) {
    if (each.role === 'tool') {
      if (!open.delete(each.tool_call_id))
        throw new Error("messages with role 'tool' must be a response to a preceding message with 'tool_calls'");
      continue;
    }
    if (open.size > 0) throw new Error(`tool_call_ids did not have response messages: ${[...open].join(', ')}`);
    open = new Set(each.role === 'assistant' ? (each.tool_calls ?? []).map(({ id }) => id) : []);
  }
  if (open.size > 0) throw new Error(`tool_call_ids did not have response messages: ${[...open].join(', ')}`);
}

function textOf(given: z.infer<typeof content> | null): string {
  if (given === null || typeof given === 'string') return given ?? '';
  return given.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
}
