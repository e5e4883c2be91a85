import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { digestOf, sha256 } from '#kernel/digest.ts';
import { OpaWasmError } from './errors.ts';

/** What every bundle answers. */
export const ENTRYPOINT = 'maestro/decision/answer';

const digests = z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/));
const schema = z.strictObject({
  /** Version of the compiler. */
  opa: z.string(),
  entrypoint: z.literal(ENTRYPOINT),
  /** `revisionOf(sources)`: what decisions name as their policy. */
  revision: z.string(),
  /** SHA-256 of each Rego file by its path in the bundle. */
  sources: digests,
  /** SHA-256 of each compiled file beside the manifest. */
  files: digests,
});

/** Says what a compiled bundle was made from; lies beside it as `manifest.json`. */
export type Manifest = z.infer<typeof schema>;

export const BUNDLE_FILES = ['policy.wasm', 'data.json', 'bundle.tar.gz'] as const;
export const MANIFEST_FILE = 'manifest.json';

/** One digest over all sources: equal rules have equal revisions, wherever they are compiled. */
export function revisionOf(sources: Manifest['sources']): string {
  return digestOf(sources);
}

/** Throws POLICY_BUNDLE_UNREADABLE. */
export async function readManifest(dir: string): Promise<Manifest> {
  const text = (await fileOf(dir, MANIFEST_FILE)).toString('utf8');
  const read = schema.safeParse(jsonOf(text));
  if (read.success && read.data.revision === revisionOf(read.data.sources)) return read.data;
  throw new OpaWasmError('POLICY_BUNDLE_UNREADABLE', `${join(dir, MANIFEST_FILE)} is not the manifest of a bundle`, {
    dir,
  });
}

/** A compiled file as the manifest knows it. Throws POLICY_BUNDLE_ALTERED for other bytes, POLICY_BUNDLE_UNREADABLE for none. */
export async function checkedFile(
  dir: string,
  manifest: Manifest,
  name: (typeof BUNDLE_FILES)[number],
): Promise<Buffer<ArrayBuffer>> {
  const bytes = await fileOf(dir, name);
  if (sha256(bytes) === manifest.files[name]) return bytes;
  throw new OpaWasmError('POLICY_BUNDLE_ALTERED', `${join(dir, name)} is not what the manifest names`, { dir, name });
}

async function fileOf(dir: string, name: string): Promise<Buffer<ArrayBuffer>> {
  try {
    return await readFile(join(dir, name));
  } catch (cause) {
    throw new OpaWasmError('POLICY_BUNDLE_UNREADABLE', `cannot read ${join(dir, name)}`, { dir, name }, cause);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the schema says what is wrong with it
  }
}
