import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Json } from '#kernel/json.ts';
import type { BlobStore } from '#plugins/ports.ts';
import { PluginStoreError } from './errors.ts';

/** An OCI image layout in a folder (image-spec 1.1): `oci-layout`, `index.json`, `blobs/sha256/`. */
export async function openLayout(folder: string): Promise<BlobStore> {
  const blobs = join(folder, 'blobs', 'sha256');
  await mkdir(blobs, { recursive: true });
  await writeIfAbsent(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  await writeIfAbsent(join(folder, 'index.json'), '{"schemaVersion":2,"manifests":[]}');
  const pathOf = (digest: string): string => {
    if (!/^[0-9a-f]{64}$/.test(digest)) throw new PluginStoreError('LAYOUT_BROKEN', `${digest} is not a digest`);
    return join(blobs, digest);
  };
  return {
    get: async (digest) => {
      const bytes = await readOrNull(pathOf(digest));
      if (bytes !== null && hash(bytes) !== digest)
        throw new PluginStoreError('LAYOUT_BROKEN', `blob ${digest} has other bytes than its name says`);
      return bytes;
    },
    put: async (bytes) => {
      const digest = hash(bytes);
      await replace(pathOf(digest), bytes);
      return digest;
    },
    readIndex: async () => {
      const text = await readFile(join(folder, 'index.json'), 'utf8');
      try {
        // The cast is true: JSON.parse gives JSON.
        return JSON.parse(text) as Json;
      } catch (cause) {
        throw new PluginStoreError('LAYOUT_BROKEN', 'index.json is not JSON', { cause });
      }
    },
    writeIndex: (index) => replace(join(folder, 'index.json'), Buffer.from(JSON.stringify(index, null, 1))),
  };
}

/** Written beside and renamed, so that a reader sees the old or the new whole. */
async function replace(path: string, bytes: Uint8Array): Promise<void> {
  const beside = `${path}.${process.pid}.${hash(bytes).slice(0, 8)}`;
  await writeFile(beside, bytes);
  await rename(beside, path);
}

async function writeIfAbsent(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}

async function readOrNull(path: string): Promise<Uint8Array | null> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
