import { GatewayError } from '../errors.ts';
import type { JsonObject } from '../formats/format.ts';
import { isObject, textIn } from '../formats/read.ts';
import type { Part, Turn } from './dialogue.ts';

/** What another format has no word for. */
export function untranslatable(what: string): GatewayError {
  return new GatewayError('PARAMETER_REFUSED', `${what} cannot be said in the format of the provider of this model`, {
    field: what,
  });
}

/** Turns of the same side that follow each other are one. */
export function joined(turns: readonly Turn[]): readonly Turn[] {
  const out: { role: Turn['role']; parts: Part[] }[] = [];
  for (const { role, parts } of turns) {
    const last = out.at(-1);
    if (last?.role === role) last.parts.push(...parts);
    else if (parts.length > 0) out.push({ role, parts: [...parts] });
  }
  return out;
}

/** A text, or the texts of a list of parts that carry one. */
export function plainText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part: unknown) => (isObject(part) ? (textIn(part, 'text') ?? '') : '')).join('\n');
}

/** Arguments as an object; what is no JSON object is none. */
export function argumentsOf(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text === '' ? '{}' : text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

/** Leaves out what is undefined. */
export function defined(members: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

export function numberIn(body: JsonObject, name: string): number | undefined {
  const value = body[name];
  return typeof value === 'number' ? value : undefined;
}

export function texts(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
}
