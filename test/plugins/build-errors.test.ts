import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildPlugin } from '#adapters/plugin-build/build.ts';
import { readPackageFolder } from '#adapters/plugin-build/folder.ts';
import { readSdk, writeScaffold } from '#adapters/plugin-build/write-scaffold.ts';
import { scaffold } from '#plugins/index.ts';
import { readManifest } from '#plugins/manifest.ts';
import { SHIPPED } from './shipped.ts';

let folder: string;
const path = process.env['PATH'];
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'build-'))));
afterEach(() => {
  process.env['PATH'] = path;
  rmSync(folder, { recursive: true });
});

async function fresh(language: 'assemblyscript' | 'c') {
  const target = join(folder, language);
  const files = scaffold(language, 'acme.word-count', 'acme', await readSdk(join(SHIPPED, 'sdk')));
  await writeScaffold(target, files);
  return { target, manifest: readManifest(files.get('manifest.yaml') ?? '') };
}

test('a folder without sources is refused, and so is one that was never built', async () => {
  const { manifest } = await fresh('c');
  mkdirSync(join(folder, 'empty'));

  await expect(buildPlugin(join(folder, 'empty'), manifest)).rejects.toMatchObject({ code: 'PLUGIN_SOURCE_UNKNOWN' });
  await expect(readPackageFolder(join(folder, 'c'))).rejects.toMatchObject({ code: 'PLUGIN_PART_MISSING' });
});

test('a source with a mistake is refused with what the compiler says about it', async () => {
  const { target, manifest } = await fresh('assemblyscript');
  writeFileSync(join(target, 'assembly', 'index.ts'), 'export function run(at: i32): nothing { return at; }');

  const build = buildPlugin(target, manifest);

  await expect(build).rejects.toMatchObject({ code: 'PLUGIN_BUILD_FAILED' });
  await expect(build).rejects.toThrow(/Cannot find name 'nothing'/);
});

test('a compiler that is not on the machine is named', async () => {
  const { target, manifest } = await fresh('c');
  process.env['PATH'] = folder;

  await expect(buildPlugin(target, manifest)).rejects.toMatchObject({
    code: 'PLUGIN_TOOL_MISSING',
    message: expect.stringContaining('clang'),
  });
});
