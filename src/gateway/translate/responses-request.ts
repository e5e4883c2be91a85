import type { JsonObject } from '../formats/format.ts';
import { isObject, listIn, objectIn, textIn } from '../formats/read.ts';
import type { Dialogue, Part, Tool, Turn } from './dialogue.ts';
import { defined, joined, numberIn, plainText, untranslatable } from './parts.ts';

export function readResponsesRequest(body: JsonObject): Dialogue {
  const system = textIn(body, 'instructions');
  const dialogue = itemsOf(body['input']);
  const format = objectIn(objectIn(body, 'text'), 'format');
  if (format['type'] === 'json_object') throw untranslatable('text.format json_object');
  return {
    system: [...(system === undefined ? [] : [system]), ...dialogue.system],
    turns: joined(dialogue.turns),
    tools: listIn(body, 'tools').map(toolOf),
    choice: choiceOf(body['tool_choice']),
    parallel: typeof body['parallel_tool_calls'] === 'boolean' ? body['parallel_tool_calls'] : undefined,
    temperature: numberIn(body, 'temperature'),
    topP: numberIn(body, 'top_p'),
    stop: [],
    schema:
      format['type'] === 'json_schema'
        ? { name: textIn(format, 'name') ?? 'answer', schema: objectIn(format, 'schema') }
        : undefined,
    effort: textIn(objectIn(body, 'reasoning'), 'effort'),
  };
}

function itemsOf(input: unknown): { readonly system: readonly string[]; readonly turns: readonly Turn[] } {
  if (typeof input === 'string')
    return { system: [], turns: [{ role: 'user', parts: [{ kind: 'text', text: input }] }] };
  const system: string[] = [];
  const turns: Turn[] = [];
  for (const item of Array.isArray(input) ? input : []) {
    if (!isObject(item)) throw untranslatable('an item that is no object');
    const role = textIn(item, 'role');
    if (role === 'system' || role === 'developer') system.push(plainText(item['content']));
    else turns.push(turnOf(item, role));
  }
  return { system, turns };
}

function turnOf(item: JsonObject, role: string | undefined): Turn {
  if (role === 'user' || role === 'assistant') return { role, parts: partsOf(item['content']) };
  const id = textIn(item, 'call_id') ?? '';
  switch (textIn(item, 'type')) {
    case 'function_call':
      return {
        role: 'assistant',
        parts: [{ kind: 'call', id, name: textIn(item, 'name') ?? '', arguments: textIn(item, 'arguments') ?? '{}' }],
      };
    case 'function_call_output':
      return { role: 'user', parts: [{ kind: 'result', id, text: plainText(item['output']), failed: false }] };
    // Thoughts are sealed by their provider, and no other reads them.
    case 'reasoning':
      return { role: 'assistant', parts: [] };
    default:
      throw untranslatable(`an item of type ${textIn(item, 'type') ?? 'unknown'}`);
  }
}

function partsOf(content: unknown): readonly Part[] {
  if (typeof content === 'string') return [{ kind: 'text', text: content }];
  if (!Array.isArray(content)) return [];
  return content.map((part: unknown): Part => {
    const type = isObject(part) ? textIn(part, 'type') : undefined;
    if (isObject(part) && (type === 'input_text' || type === 'output_text'))
      return { kind: 'text', text: textIn(part, 'text') ?? '' };
    const url = isObject(part) && type === 'input_image' ? textIn(part, 'image_url') : undefined;
    if (url !== undefined) return { kind: 'image', url };
    throw untranslatable(`a part of type ${type ?? 'unknown'}`);
  });
}

function toolOf(tool: unknown): Tool {
  const name = isObject(tool) && tool['type'] === 'function' ? textIn(tool, 'name') : undefined;
  if (!isObject(tool) || name === undefined) throw untranslatable('a tool that is no function');
  return { name, description: textIn(tool, 'description'), schema: objectIn(tool, 'parameters') };
}

function choiceOf(choice: unknown): Dialogue['choice'] {
  if (choice === 'auto' || choice === 'none' || choice === 'required') return choice;
  const name = isObject(choice) ? textIn(choice, 'name') : undefined;
  return name === undefined ? undefined : { name };
}

export function writeResponsesRequest(dialogue: Dialogue): JsonObject {
  const { choice, schema, effort } = dialogue;
  return defined({
    instructions: dialogue.system.some((each) => each !== '') ? dialogue.system.join('\n\n') : undefined,
    input: dialogue.turns.flatMap(inputOf),
    tools:
      dialogue.tools.length === 0
        ? undefined
        : dialogue.tools.map(({ name, description, schema: parameters }) =>
            defined({ type: 'function', name, description, parameters, strict: false }),
          ),
    tool_choice: typeof choice === 'object' ? { type: 'function', name: choice.name } : choice,
    parallel_tool_calls: dialogue.parallel,
    temperature: dialogue.temperature,
    top_p: dialogue.topP,
    text: schema && { format: { type: 'json_schema', name: schema.name, schema: schema.schema } },
    reasoning: effort === undefined ? undefined : { effort },
  });
}

function inputOf({ role, parts }: Turn): readonly JsonObject[] {
  const items: JsonObject[] = [];
  const said = parts.flatMap((part): JsonObject[] => {
    if (part.kind === 'text') return [{ type: role === 'user' ? 'input_text' : 'output_text', text: part.text }];
    return part.kind === 'image' ? [{ type: 'input_image', image_url: part.url, detail: 'auto' }] : [];
  });
  for (const part of parts) {
    if (part.kind === 'result') items.push({ type: 'function_call_output', call_id: part.id, output: part.text });
    if (part.kind === 'call') {
      items.push({ type: 'function_call', call_id: part.id, name: part.name, arguments: part.arguments });
    }
  }
  if (said.length === 0) return items;
  const message = { role, content: said };
  return role === 'assistant' ? [message, ...items] : [...items, message];
}
