import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Names of the parts of a plugin in its author's folder. */
export const PARTS = Object.freeze({
  manifest: 'manifest.yaml',
  module: 'built/module.wasm',
  build: 'built/build.json',
  sbom: 'built/sbom.cdx.json',
  bundle: 'built/bundle.jsonl',
  publicKey: 'built/publisher.pub',
});

export async function readPart(folder: string, part: string): Promise<Uint8Array> {
  return new Uint8Array(await readFile(join(folder, part)));
}

export async function readPartText(folder: string, part: string): Promise<string> {
  return readFile(join(folder, part), 'utf8');
}

export async function writePart(folder: string, part: string, bytes: Uint8Array | string): Promise<void> {
  const path = join(folder, part);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
}

/** Module, manifest, SBOM and bundle as they lie in a folder; SBOM and bundle are empty before it was signed. */
export async function readPackageFolder(folder: string) {
  const orEmpty = (part: string): Promise<Uint8Array> =>
    readPart(folder, part).catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return new Uint8Array();
      throw error;
    });
  return {
    module: await readPart(folder, PARTS.module),
    manifest: await readPart(folder, PARTS.manifest),
    sbom: await orEmpty(PARTS.sbom),
    bundle: new TextDecoder().decode(await orEmpty(PARTS.bundle)),
  };
}

/** Folders directly below `root` that hold a plugin. */
export async function pluginFolders(root: string): Promise<readonly string[]> {
  const folders = (await readdir(root, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const found: string[] = [];
  for (const { name } of folders)
    if ((await readdir(join(root, name))).includes(PARTS.manifest)) found.push(join(root, name));
  return found.toSorted();
}
