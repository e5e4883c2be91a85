import type { JsonObject } from '../formats/format.ts';
import { isObject, listIn, objectIn, textIn } from '../formats/read.ts';
import type { Dialogue, Part, Tool, Turn } from './dialogue.ts';
import { argumentsOf, defined, joined, numberIn, plainText, texts, untranslatable } from './parts.ts';

const CHOICES: { readonly [type: string]: Dialogue['choice'] } = { auto: 'auto', any: 'required', none: 'none' };

export function readMessagesRequest(body: JsonObject): Dialogue {
  const system = body['system'];
  const choice = objectIn(body, 'tool_choice');
  const output = objectIn(body, 'output_config');
  const format = objectIn(output, 'format');
  const name = textIn(choice, 'name');
  return {
    system: system === undefined || system === null ? [] : [plainText(system)],
    turns: joined(listIn(body, 'messages').map(turnOf)),
    tools: listIn(body, 'tools').map(toolOf),
    choice: choice['type'] === 'tool' && name !== undefined ? { name } : CHOICES[textIn(choice, 'type') ?? ''],
    parallel: choice['disable_parallel_tool_use'] === true ? false : undefined,
    temperature: numberIn(body, 'temperature'),
    topP: numberIn(body, 'top_p'),
    stop: texts(body['stop_sequences']),
    schema: format['type'] === 'json_schema' ? { name: 'answer', schema: objectIn(format, 'schema') } : undefined,
    effort: textIn(output, 'effort'),
  };
}

function turnOf(message: unknown): Turn {
  if (!isObject(message)) throw untranslatable('a message that is no object');
  const role = message['role'] === 'assistant' ? 'assistant' : 'user';
  const content = message['content'];
  if (typeof content === 'string') return { role, parts: [{ kind: 'text', text: content }] };
  return { role, parts: listIn(message, 'content').flatMap(partsOf) };
}

function partsOf(block: unknown): readonly Part[] {
  if (!isObject(block)) throw untranslatable('a block that is no object');
  const type = textIn(block, 'type');
  switch (type) {
    case 'text':
      return [{ kind: 'text', text: textIn(block, 'text') ?? '' }];
    case 'image':
      return [imageOf(block)];
    case 'tool_use': {
      const call = { id: textIn(block, 'id') ?? '', name: textIn(block, 'name') ?? '' };
      return [{ kind: 'call', ...call, arguments: JSON.stringify(block['input'] ?? {}) }];
    }
    case 'tool_result': {
      const result = { id: textIn(block, 'tool_use_id') ?? '', text: plainText(block['content']) };
      const images = listIn(block, 'content').flatMap((part) =>
        isObject(part) && part['type'] === 'image' ? [imageOf(part)] : [],
      );
      return [{ kind: 'result', ...result, failed: block['is_error'] === true }, ...images];
    }
    // Thoughts are signed by their provider, and no other reads them.
    case 'thinking':
    case 'redacted_thinking':
      return [];
    default:
      throw untranslatable(`a block of type ${type ?? 'unknown'}`);
  }
}

function imageOf(block: JsonObject): Part {
  const source = objectIn(block, 'source');
  if (source['type'] === 'url') return { kind: 'image', url: textIn(source, 'url') ?? '' };
  if (source['type'] !== 'base64') throw untranslatable('an image that is kept at the provider');
  return { kind: 'image', url: `data:${textIn(source, 'media_type') ?? ''};base64,${textIn(source, 'data') ?? ''}` };
}

function toolOf(tool: unknown): Tool {
  const name = isObject(tool) ? textIn(tool, 'name') : undefined;
  if (!isObject(tool) || name === undefined) throw untranslatable('a tool without a name');
  if (!isObject(tool['input_schema'])) throw untranslatable(`the tool ${name}`);
  return { name, description: textIn(tool, 'description'), schema: tool['input_schema'] };
}

export function writeMessagesRequest(dialogue: Dialogue): JsonObject {
  const { choice, parallel, schema, effort } = dialogue;
  const config = defined({
    format: schema && { type: 'json_schema', schema: schema.schema },
    effort: effortOf(effort),
  });
  return defined({
    system: dialogue.system.some((each) => each !== '') ? dialogue.system.join('\n\n') : undefined,
    messages: dialogue.turns.map((turn) => ({ role: turn.role, content: turn.parts.flatMap(blockOf) })),
    tools:
      dialogue.tools.length === 0
        ? undefined
        : dialogue.tools.map(({ name, description, schema: given }) =>
            defined({ name, description, input_schema: { ...given, type: 'object' } }),
          ),
    tool_choice: toolChoice(choice, parallel),
    temperature: dialogue.temperature === undefined ? undefined : Math.min(1, dialogue.temperature),
    top_p: dialogue.topP,
    stop_sequences: dialogue.stop.length === 0 ? undefined : dialogue.stop,
    output_config: Object.keys(config).length === 0 ? undefined : config,
  });
}

function blockOf(part: Part): readonly JsonObject[] {
  switch (part.kind) {
    case 'text':
      return part.text === '' ? [] : [{ type: 'text', text: part.text }];
    case 'image':
      return [{ type: 'image', source: sourceOf(part.url) }];
    case 'call':
      return [{ type: 'tool_use', id: idOf(part.id), name: part.name, input: argumentsOf(part.arguments) }];
    case 'result':
      return [
        {
          type: 'tool_result',
          tool_use_id: idOf(part.id),
          content: part.text,
          ...(part.failed ? { is_error: true } : {}),
        },
      ];
  }
}

function sourceOf(url: string): JsonObject {
  const [, type, data] = /^data:([^;,]+);base64,(.*)$/s.exec(url) ?? [];
  return data === undefined ? { type: 'url', url } : { type: 'base64', media_type: type, data };
}

/** Letters that Anthropic takes in ids. */
function idOf(id: string): string {
  return id.replace(/[^a-zA-Z0-9_-]/g, '_');
}

function toolChoice(choice: Dialogue['choice'], parallel: boolean | undefined): JsonObject | undefined {
  const one = parallel === false ? { disable_parallel_tool_use: true } : {};
  if (choice === 'none') return { type: 'none' };
  if (typeof choice === 'object') return { type: 'tool', name: choice.name, ...one };
  if (choice === 'required') return { type: 'any', ...one };
  return choice === 'auto' || parallel === false ? { type: 'auto', ...one } : undefined;
}

function effortOf(effort: string | undefined): string | undefined {
  if (effort === undefined || effort === 'none') return undefined;
  return effort === 'minimal' ? 'low' : effort;
}
