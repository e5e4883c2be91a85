import type { Json } from '#kernel/json.ts';
import type { Manifest } from './manifest.ts';
import { rightsOf } from './permissions.ts';
import type { Grant } from './ports.ts';

/** A granted plugin as agents and people see it. */
export interface PluginTool {
  readonly id: string;
  readonly version: string;
  /** SHA-256 hex of the module. */
  readonly digest: string;
  readonly summary: string;
  /** JSON Schema 2020-12 of the input. */
  readonly input: { readonly [keyword: string]: Json };
  readonly rights: readonly string[];
}

const TYPES = ['string', 'integer', 'number', 'boolean', 'object', 'array', 'null'];

export function toolOf(grant: Grant, manifest: Manifest): PluginTool {
  const { plugin: id, version, module: digest, granted } = grant;
  return { id, version, digest, summary: manifest.summary, input: inputSchema(manifest), rights: rightsOf(granted) };
}

/**
 * What a manifest says of its inputs, as one JSON Schema: each name with a schema of its own, with the name of a type,
 * or with words that describe it.
 */
export function inputSchema({ inputs, required }: Pick<Manifest, 'inputs' | 'required'>): PluginTool['input'] {
  const properties = Object.fromEntries(Object.entries(inputs).map(([name, schema]) => [name, propertySchema(schema)]));
  return { type: 'object', properties, required: [...required], additionalProperties: false };
}

function propertySchema(schema: Json): Json {
  if (typeof schema !== 'string') return schema;
  return TYPES.includes(schema) ? { type: schema } : { description: schema };
}
