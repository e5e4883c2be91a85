import { GatewayError } from '../errors.ts';
import type { JsonObject } from './format.ts';

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The member as an object; an empty one when it is none. */
export function objectIn(body: JsonObject, name: string): JsonObject {
  const value = body[name];
  return isObject(value) ? value : {};
}

/** The member as a list; an empty one when it is none. */
export function listIn(body: JsonObject, name: string): readonly unknown[] {
  const value = body[name];
  return Array.isArray(value) ? value : [];
}

export function textIn(body: JsonObject, name: string): string | undefined {
  const value = body[name];
  return typeof value === 'string' ? value : undefined;
}

/** A count that a provider reports; absent is nothing, and so is what no count can be. */
export function countIn(body: JsonObject, name: string): number {
  const value = body[name];
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0;
}

/** Undefined when absent or null. Throws REQUEST_MALFORMED for anything but a positive whole number. */
export function positiveIn(body: JsonObject, name: string): number | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
  throw malformed(`${name} must be a positive whole number, not ${JSON.stringify(value)}`, name);
}

/** The model's name. Throws REQUEST_MALFORMED. */
export function modelIn(body: JsonObject): string {
  const model = body['model'];
  if (typeof model === 'string' && model !== '') return model;
  throw malformed('model must be a text', 'model');
}

/** Throws REQUEST_MALFORMED unless true, false, null or absent. */
export function flagIn(body: JsonObject, name: string): boolean {
  const value = body[name] ?? false;
  if (typeof value === 'boolean') return value;
  throw malformed(`${name} must be true or false, not ${JSON.stringify(value)}`, name);
}

export function malformed(message: string, field: string): GatewayError {
  return new GatewayError('REQUEST_MALFORMED', message, { field });
}

/** The JSON of an event's `data:` lines, or undefined when it carries none that is an object. */
export function eventData(event: string): JsonObject | undefined {
  const lines = event.split(/\r?\n/).flatMap((line) => (line.startsWith('data:') ? [line.slice(5).trimStart()] : []));
  try {
    const value: unknown = JSON.parse(lines.join('\n'));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined; // `[DONE]`, or what no client could read either
  }
}
