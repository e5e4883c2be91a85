import { z } from 'zod';
import type { Prompt } from '../prompt.ts';

// From the published types of POST /v1/responses.
const inputPart = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('input_text'), text: z.string() }),
  z.strictObject({
    type: z.literal('input_image'),
    image_url: z.string().min(1).nullable().optional(),
    detail: z.enum(['auto', 'low', 'high']).optional(),
  }),
]);
const outputPart = z.looseObject({ type: z.enum(['output_text', 'refusal']), text: z.string().optional() });
const item = z.union([
  z.strictObject({
    type: z.literal('message').optional(),
    role: z.enum(['user', 'system', 'developer']),
    content: z.union([z.string(), z.array(inputPart).min(1)]),
  }),
  z.strictObject({
    type: z.literal('message').optional(),
    role: z.literal('assistant'),
    content: z.union([z.string(), z.array(outputPart)]),
    id: z.string().optional(),
    status: z.string().optional(),
    phase: z.string().nullable().optional(),
  }),
  z.strictObject({
    type: z.literal('function_call'),
    call_id: z.string().min(1),
    name: z.string().min(1),
    arguments: z.string(),
    id: z.string().optional(),
    status: z.string().optional(),
  }),
  z.strictObject({
    type: z.literal('function_call_output'),
    call_id: z.string().min(1),
    output: z.union([z.string(), z.array(inputPart)]),
    id: z.string().nullable().optional(),
    status: z.string().optional(),
  }),
  z.looseObject({ type: z.literal('reasoning'), id: z.string(), summary: z.array(z.unknown()) }),
]);
const tool = z.strictObject({
  type: z.literal('function'),
  name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/),
  description: z.string().nullable().optional(),
  parameters: z.record(z.string(), z.unknown()).nullable(),
  strict: z.boolean().nullable().optional(),
});

const schema = z.strictObject({
  model: z.string().min(1),
  input: z.union([z.string(), z.array(item).min(1)]),
  instructions: z.string().nullable().optional(),
  stream: z.boolean().nullable().optional(),
  stream_options: z.looseObject({}).nullable().optional(),
  max_output_tokens: z.number().int().min(16).nullable().optional(),
  temperature: z.number().min(0).max(2).nullable().optional(),
  top_p: z.number().min(0).max(1).nullable().optional(),
  tools: z.array(tool).optional(),
  tool_choice: z
    .union([z.enum(['none', 'auto', 'required']), z.strictObject({ type: z.literal('function'), name: z.string() })])
    .optional(),
  parallel_tool_calls: z.boolean().nullable().optional(),
  reasoning: z.looseObject({}).nullable().optional(),
  text: z.looseObject({}).optional(),
  include: z.array(z.string()).nullable().optional(),
  metadata: z.record(z.string(), z.string()).nullable().optional(),
  store: z.literal(false),
  truncation: z.enum(['auto', 'disabled']).nullable().optional(),
  user: z.string().optional(),
  safety_identifier: z.string().optional(),
  prompt_cache_key: z.string().optional(),
  prompt_cache_retention: z.string().nullable().optional(),
});

/** Reads a request as the provider would. Throws a ZodError, or an Error whose text the provider would give. */
export function readResponses(body: unknown): Prompt {
  const read = schema.parse(body);
  const items = typeof read.input === 'string' ? [{ role: 'user' as const, content: read.input }] : read.input;
  checkOutputs(items);
  return {
    model: read.model,
    stream: read.stream ?? false,
    maxOutput: read.max_output_tokens ?? 4096,
    parts: [
      ...(read.tools ?? []).map((each) => ({ text: JSON.stringify(each), breakpoint: false })),
      { text: read.instructions ?? '', breakpoint: false },
      ...items.map((each) => ({ text: JSON.stringify(each), breakpoint: false })),
    ],
    last: JSON.stringify(items.findLast((each) => !('role' in each && each.role === 'assistant')) ?? ''),
    turns: turnsOf(items),
    tools: (read.tools ?? []).map(({ name }) => name),
    usageEvent: true,
  };
}

type Item = z.infer<typeof item>;

/** Assistant items that follow each other are one turn. */
function turnsOf(items: readonly Item[]): number {
  let turns = 0;
  let inside = false;
  for (const each of items) {
    const assistant =
      ('role' in each && each.role === 'assistant') || each.type === 'function_call' || each.type === 'reasoning';
    if (assistant && !inside) turns++;
    inside = assistant;
  }
  return turns;
}

function checkOutputs(items: readonly Item[]): void {
  const calls = new Set<string>();
  for (const each of items) {
    if (each.type === 'function_call') calls.add(each.call_id);
    if (each.type === 'function_call_output' && !calls.delete(each.call_id)) {
      throw new Error(`No tool call found for function call output with call_id ${each.call_id}.`);
    }
  }
  if (calls.size > 0) throw new Error(`No tool output found for function call ${[...calls].join(', ')}.`);
}
