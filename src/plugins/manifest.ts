import { parse } from 'yaml';
import { z } from 'zod';
import { globFault } from '#domain/plugin-glob.ts';
import type { Json } from '#kernel/json.ts';
import { PluginError } from './errors.ts';
import { licenseFault } from './license.ts';
import { DEFAULT_LIMITS, MOST_LIMITS, NOTHING } from './permissions.ts';
import type { Limits, Permissions } from './ports.ts';

const ID = /^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+@v(\d{1,6})(\.\d{1,6}){0,2}$/;
const MOST_BYTES = 64 * 1024;

const glob = z
  .string()
  .refine((pattern) => globFault(pattern) === null, { error: (issue) => globFault(String(issue.input)) ?? '' })
  .describe('Glob relative to the workspace: *, ? and **; ! in front takes away');
const limit = (name: keyof Limits) => z.int().min(1).max(MOST_LIMITS[name]).default(DEFAULT_LIMITS[name]);
/** Names alone, or each with a JSON Schema, the name of a type, or words. */
const names = z.union([
  z.array(z.string().min(1)).transform((list) => Object.fromEntries(list.map((name) => [name, {}]))),
  z.record(z.string(), z.json()),
]);

const manifestSchema = z.strictObject({
  id: z.string().max(120).regex(ID).describe('Dotted name and version: plugin.codesearch@v1'),
  version: z
    .string()
    .regex(/^\d{1,6}\.\d{1,6}\.\d{1,6}$/)
    .optional()
    .describe('Full version; must begin with the version in the id'),
  summary: z.string().max(200).default(''),
  publisher: z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/)
    .default('unknown')
    .describe('Name of the publisher in the trust root'),
  license: z
    .string()
    .refine((text) => licenseFault(text) === null, { error: (issue) => licenseFault(String(issue.input)) ?? '' })
    .describe('SPDX licence expression'),
  capabilities: z
    .strictObject({ inputs: names, outputs: names, required: z.array(z.string()).default([]) })
    .refine(({ inputs, required }) => required.every((name) => Object.hasOwn(inputs, name)), {
      error: 'required names an input that is not there',
      path: ['required'],
    }),
  output: z.enum(['json', 'text', 'bytes']).default('json'),
  permissions: z
    .strictObject({
      fs_read: z.array(glob).max(100).default([]),
      fs_edit: z.array(glob).max(100).default([]),
      regex: z.boolean().default(false),
      ast: z.boolean().default(false),
      log: z.boolean().default(false),
      kv: z.boolean().default(false),
    })
    .default({ ...NOTHING, fs_read: [], fs_edit: [] }),
  limits: z
    .strictObject({
      fuel: limit('fuel'),
      memory_bytes: limit('memory_bytes'),
      wall_ms: limit('wall_ms'),
      host_calls: limit('host_calls'),
      read_bytes: limit('read_bytes'),
      output_bytes: limit('output_bytes'),
    })
    .default(DEFAULT_LIMITS),
});

type Described = { readonly [name: string]: Json };

/** What a plugin says about itself: who it is, what it takes and gives, what it asks for. */
export interface Manifest {
  /** Dotted name without version. */
  readonly name: string;
  /** Three numbers. */
  readonly version: string;
  readonly summary: string;
  readonly publisher: string;
  readonly license: string;
  /** By name: a JSON Schema, the name of a type, or words; `{}` says nothing. */
  readonly inputs: Described;
  readonly outputs: Described;
  /** Names of the inputs that must be there. */
  readonly required: readonly string[];
  readonly output: 'json' | 'text' | 'bytes';
  readonly permissions: Permissions;
  readonly limits: Limits;
}

/** Reads a manifest from YAML. Throws MANIFEST_INVALID with one line for each wrong field. */
export function readManifest(text: string): Manifest {
  const parsed = manifestSchema.safeParse(parseYaml(text));
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'manifest'}: ${message}`);
    throw new PluginError('MANIFEST_INVALID', `the manifest is not valid: ${faults.join('; ')}`, {
      details: { faults },
    });
  }
  const { id, capabilities, version: full, ...rest } = parsed.data;
  const [name = '', short = ''] = id.split('@v');
  const version = full ?? [...short.split('.'), '0', '0'].slice(0, 3).join('.');
  if (version !== short && !version.startsWith(`${short}.`))
    throw new PluginError(
      'MANIFEST_INVALID',
      `the manifest is not valid: version: ${version} does not begin with ${short}`,
    );
  return { ...rest, ...capabilities, name, version };
}

/** The schema that editors and other tools check a manifest with (JSON Schema 2020-12). */
export function manifestJsonSchema(): object {
  return z.toJSONSchema(manifestSchema, { io: 'input', unrepresentable: 'any' });
}

/** Aliases are refused, since a few of them can stand for gigabytes. */
function parseYaml(text: string): unknown {
  if (text.length > MOST_BYTES)
    throw new PluginError('MANIFEST_INVALID', `the manifest is longer than ${MOST_BYTES} bytes`);
  try {
    return parse(text, { maxAliasCount: 0, uniqueKeys: true, schema: 'core' });
  } catch (cause) {
    throw new PluginError('MANIFEST_INVALID', 'the manifest is not YAML', { cause });
  }
}
