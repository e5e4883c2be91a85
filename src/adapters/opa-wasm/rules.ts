import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '#kernel/digest.ts';
import { OpaWasmError } from './errors.ts';
import { type Manifest, readManifest } from './manifest.ts';

/** Where a company's own Rego is put in the bundle. */
export const OWN_FOLDER = 'custom';

/** Rego files below a folder by their path, sorted, without tests; none when there is no folder. */
export async function regoFiles(dir: string): Promise<ReadonlyMap<string, Buffer>> {
  const found = await readdir(dir, { recursive: true }).catch(() => []);
  const names = found.map((name) => name.replaceAll('\\', '/')).sort();
  const files = new Map<string, Buffer>();
  for (const name of names) {
    if (name.endsWith('.rego') && !name.endsWith('_test.rego')) files.set(name, await readFile(join(dir, name)));
  }
  return files;
}

/** Digest of each file as the manifest names it, below `folder`. */
export function sourceDigests(folder: string, files: ReadonlyMap<string, Buffer>): Manifest['sources'] {
  return Object.fromEntries([...files].map(([name, bytes]) => [`${folder}/${name}`, sha256(bytes)]));
}

/** Throws POLICY_BUNDLE_STALE unless the bundle was compiled from exactly these rules of the company's own. */
export async function requireCurrent(bundle: string, own: ReadonlyMap<string, Buffer>): Promise<void> {
  const { sources } = await readManifest(bundle);
  const wanted = sourceDigests(OWN_FOLDER, own);
  const had = Object.entries(sources).filter(([name]) => name.startsWith(`${OWN_FOLDER}/`));
  const same = had.length === own.size && had.every(([name, digest]) => wanted[name] === digest);
  if (same) return;
  throw new OpaWasmError(
    'POLICY_BUNDLE_STALE',
    `the bundle in ${bundle} was not compiled from the rules as they are now`,
    {
      bundle,
    },
  );
}
