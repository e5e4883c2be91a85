import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PluginBuildError } from './errors.ts';

/** Names of the parts of a plugin in its author's folder. */
export const PARTS = Object.freeze({
  manifest: 'manifest.yaml',
  module: 'built/module.wasm',
  build: 'built/build.json',
  sbom: 'built/sbom.cdx.json',
  bundle: 'built/bundle.jsonl',
  publicKey: 'built/publisher.pub',
});

/** One file of a plugin. Throws PLUGIN_PART_MISSING. */
export async function readPart(folder: string, part: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(join(folder, part)));
  } catch (error) {
    if (hasCode(error, 'ENOENT'))
      throw new PluginBuildError('PLUGIN_PART_MISSING', `there is no ${join(folder, part)}`);
    throw error;
  }
}

export async function readPartText(folder: string, part: string): Promise<string> {
  return new TextDecoder().decode(await readPart(folder, part));
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
      if (hasCode(error, 'PLUGIN_PART_MISSING')) return new Uint8Array();
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

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
