import type { JsonObject } from '../formats/format.ts';
import { isObject, listIn, objectIn, textIn } from '../formats/read.ts';
import type { Dialogue, Part, Tool, Turn } from './dialogue.ts';
import { defined, joined, numberIn, plainText, texts, untranslatable } from './parts.ts';

export function readChatRequest(body: JsonObject): Dialogue {
  const system: string[] = [];
  const turns: Turn[] = [];
  for (const message of listIn(body, 'messages')) {
    if (!isObject(message)) throw untranslatable('a message that is no object');
    const role = textIn(message, 'role');
    if (role === 'system' || role === 'developer') system.push(plainText(message['content']));
    else turns.push(turnOf(role ?? '', message));
  }
  const format = objectIn(body, 'response_format');
  if (format['type'] === 'json_object') throw untranslatable('response_format json_object');
  const schema = objectIn(format, 'json_schema');
  return {
    system,
    turns: joined(turns),
    tools: listIn(body, 'tools').map(toolOf),
    choice: choiceOf(body['tool_choice']),
    parallel: typeof body['parallel_tool_calls'] === 'boolean' ? body['parallel_tool_calls'] : undefined,
    temperature: numberIn(body, 'temperature'),
    topP: numberIn(body, 'top_p'),
    stop: texts(body['stop']),
    schema:
      format['type'] === 'json_schema'
        ? { name: textIn(schema, 'name') ?? 'answer', schema: objectIn(schema, 'schema') }
        : undefined,
    effort: textIn(body, 'reasoning_effort'),
  };
}

function turnOf(role: string, message: JsonObject): Turn {
  if (role === 'tool') {
    const result: Part = {
      kind: 'result',
      id: textIn(message, 'tool_call_id') ?? '',
      text: plainText(message['content']),
      failed: false,
    };
    return { role: 'user', parts: [result] };
  }
  const said = partsOf(message['content']);
  if (role === 'user') return { role, parts: said };
  if (role !== 'assistant') throw untranslatable(`a message of ${role}`);
  const calls = listIn(message, 'tool_calls').map((call): Part => {
    const made = isObject(call) ? objectIn(call, 'function') : {};
    const id = isObject(call) ? (textIn(call, 'id') ?? '') : '';
    return { kind: 'call', id, name: textIn(made, 'name') ?? '', arguments: textIn(made, 'arguments') ?? '{}' };
  });
  return { role, parts: [...said, ...calls] };
}

function partsOf(content: unknown): readonly Part[] {
  if (typeof content === 'string') return content === '' ? [] : [{ kind: 'text', text: content }];
  if (!Array.isArray(content)) return [];
  return content.map((part: unknown): Part => {
    const type = isObject(part) ? textIn(part, 'type') : undefined;
    if (isObject(part) && type === 'text') return { kind: 'text', text: textIn(part, 'text') ?? '' };
    if (isObject(part) && type === 'image_url')
      return { kind: 'image', url: textIn(objectIn(part, 'image_url'), 'url') ?? '' };
    throw untranslatable(`a part of type ${type ?? 'unknown'}`);
  });
}

function toolOf(tool: unknown): Tool {
  const made = isObject(tool) && tool['type'] === 'function' ? objectIn(tool, 'function') : undefined;
  const name = made && textIn(made, 'name');
  if (made === undefined || name === undefined) throw untranslatable('a tool that is no function');
  return { name, description: textIn(made, 'description'), schema: objectIn(made, 'parameters') };
}

function choiceOf(choice: unknown): Dialogue['choice'] {
  if (choice === 'auto' || choice === 'none' || choice === 'required') return choice;
  const name = isObject(choice) ? textIn(objectIn(choice, 'function'), 'name') : undefined;
  return name === undefined ? undefined : { name };
}

export function writeChatRequest(dialogue: Dialogue): JsonObject {
  const { choice, schema } = dialogue;
  return defined({
    messages: [
      ...dialogue.system.map((content) => ({ role: 'system', content })),
      ...dialogue.turns.flatMap((turn) => messagesOf(turn)),
    ],
    tools:
      dialogue.tools.length === 0
        ? undefined
        : dialogue.tools.map(({ name, description, schema: parameters }) => ({
            type: 'function',
            function: defined({ name, description, parameters }),
          })),
    tool_choice: typeof choice === 'object' ? { type: 'function', function: { name: choice.name } } : choice,
    parallel_tool_calls: dialogue.parallel,
    temperature: dialogue.temperature,
    top_p: dialogue.topP,
    stop: dialogue.stop.length === 0 ? undefined : dialogue.stop,
    response_format: schema && { type: 'json_schema', json_schema: { name: schema.name, schema: schema.schema } },
    reasoning_effort: dialogue.effort,
  });
}

function messagesOf({ role, parts }: Turn): readonly JsonObject[] {
  if (role === 'assistant') return [assistantMessage(parts)];
  const results = parts.flatMap((part) =>
    part.kind === 'result' ? [{ role: 'tool', tool_call_id: part.id, content: part.text }] : [],
  );
  const said = parts.flatMap((part): JsonObject[] => {
    if (part.kind === 'text') return [{ type: 'text', text: part.text }];
    return part.kind === 'image' ? [{ type: 'image_url', image_url: { url: part.url } }] : [];
  });
  const [only] = said;
  if (only === undefined) return results;
  const content = said.length === 1 && only['type'] === 'text' ? only['text'] : said;
  return [...results, { role: 'user', content }];
}

function assistantMessage(parts: readonly Part[]): JsonObject {
  const text = parts.flatMap((part) => (part.kind === 'text' ? [part.text] : [])).join('');
  const calls = parts.flatMap((part) =>
    part.kind === 'call'
      ? [{ id: part.id, type: 'function', function: { name: part.name, arguments: part.arguments } }]
      : [],
  );
  return {
    role: 'assistant',
    content: text === '' ? null : text,
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}
