import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeTempFolder } from '#adapters/files/temp-folder.ts';
import { PluginBuildError } from './errors.ts';
import { packageFolder } from './packages.ts';
import { type Asked, buildScript, scriptComponents, scriptEntry } from './script.ts';

export interface BuiltPlugin {
  readonly module: Uint8Array;
  /** SHA-256 hex over names and bytes of all source files, in order of name. */
  readonly sourceDigest: string;
  /** Compiler that made it; for AssemblyScript its runtime is part of the module. */
  readonly components: readonly { readonly name: string; readonly version: string; readonly license: string }[];
}

type Language = 'assemblyscript' | 'c' | 'rust' | 'script';

/**
 * Compiles a plugin's folder; equal sources and compiler give equal bytes. `names` keeps the names of functions, where the
 * compiler knows them: the same code with one section more.
 */
export async function buildPlugin(folder: string, asked: Asked, names = false): Promise<BuiltPlugin> {
  const language = languageOf(folder);
  const scratch = await makeTempFolder('plugin-build-');
  try {
    const out = join(scratch, 'module.wasm');
    const sourceDigest = await digestSources(folder);
    if (language === 'script') {
      const module = await buildScript(folder, asked, scratch, run);
      return { module, sourceDigest, components: await scriptComponents(folder) };
    }
    for (const { program, args, cwd } of COMMANDS[language](folder, out, names)) await run(program, args, cwd);
    const components = language === 'assemblyscript' ? [await assemblyScript(folder)] : [];
    return { module: new Uint8Array(await readFile(out)), sourceDigest, components };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** False for scripts: the engine that runs them comes without names. Throws PLUGIN_SOURCE_UNKNOWN. */
export function knowsNames(folder: string): boolean {
  return languageOf(folder) !== 'script';
}

function languageOf(folder: string): Language {
  if (existsSync(join(folder, 'assembly', 'index.ts'))) return 'assemblyscript';
  if (existsSync(join(folder, 'src', 'plugin.c'))) return 'c';
  if (existsSync(join(folder, 'src', 'lib.rs'))) return 'rust';
  if (scriptEntry(folder) !== undefined) return 'script';
  throw new PluginBuildError('PLUGIN_SOURCE_UNKNOWN', `${folder} holds no plugin source`);
}

interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
}

const C_FLAGS = '--target=wasm32 -O2 -fvisibility=hidden -c'.split(' ');
const LINK_FLAGS = '--target=wasm32 -nostdlib -Wl,--no-entry -Wl,-z,stack-size=65536'.split(' ');
const RUST_FLAGS =
  '--target wasm32-unknown-unknown --crate-type cdylib --crate-name plugin --edition 2021 -C opt-level=3 -C panic=abort'.split(
    ' ',
  );

type Recipe = (folder: string, out: string, names: boolean) => readonly Command[];

const COMMANDS: { readonly [language in Exclude<Language, 'script'>]: Recipe } = {
  assemblyscript: (folder, out, names) => {
    // A scaffold carries its own copy of the SDK; the shipped plugins share one beside them.
    const own = existsSync(join(folder, 'assembly', 'sdk', 'host.ts'));
    const base = own ? folder : dirname(folder);
    const entry = own ? 'assembly/index.ts' : `${basename(folder)}/assembly/index.ts`;
    const abort = own ? 'assembly/sdk/host/abort' : 'sdk/assembly/host/abort';
    const options = ['--runtime', 'stub', '-O3', '--exportStart', '_initialize', '--use', `abort=${abort}`];
    const compiler = join(packageFolder('assemblyscript', folder), 'bin', 'asc.js');
    const args = [compiler, entry, '--baseDir', '.', '-o', out, ...options, ...(names ? ['--debug'] : [])];
    return [{ program: process.execPath, args, cwd: base }];
  },
  // In two steps: where clang optimises and links in one, it also runs any wasm-opt that is on the path, and the bytes differ.
  c: (folder, out, names) => [
    { program: 'clang', args: [...C_FLAGS, '-o', `${out}.o`, 'src/plugin.c'], cwd: folder },
    {
      program: 'clang',
      args: [...LINK_FLAGS, names ? '-Wl,--strip-debug' : '-Wl,--strip-all', '-o', out, `${out}.o`],
      cwd: folder,
    },
  ],
  rust: (folder, out, names) => [
    {
      program: existsSync('/usr/bin/rustc') ? '/usr/bin/rustc' : 'rustc',
      args: [...RUST_FLAGS, '-C', `strip=${names ? 'debuginfo' : 'symbols'}`, '-o', out, 'src/lib.rs'],
      cwd: folder,
    },
  ],
};

async function assemblyScript(folder: string): Promise<BuiltPlugin['components'][number]> {
  const text = await readFile(join(packageFolder('assemblyscript', folder), 'package.json'), 'utf8');
  // The cast is true: every published package has these.
  const { version } = JSON.parse(text) as { version: string };
  return { name: 'assemblyscript', version, license: 'Apache-2.0' };
}

async function run(program: string, args: readonly string[], cwd: string): Promise<void> {
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(-8000)));
  const status = await new Promise<number | null>((resolve) => {
    child.on('error', () => resolve(-1));
    child.on('close', resolve);
  });
  if (status === -1) throw new PluginBuildError('PLUGIN_TOOL_MISSING', `${program} is not on this machine`);
  if (status !== 0)
    throw new PluginBuildError('PLUGIN_BUILD_FAILED', `${basename(program)} ended with ${status}:\n${said}`);
}

async function digestSources(folder: string): Promise<string> {
  const hash = createHash('sha256');
  const roots = ['assembly', 'src', '../sdk/assembly']
    .map((each) => join(folder, each))
    .filter((each) => existsSync(each));
  for (const root of roots) {
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    for (const file of files.toSorted()) {
      const bytes = await readFile(file);
      hash.update(`${file.slice(root.length)}\0${bytes.length}\0`).update(bytes);
    }
  }
  return hash.digest('hex');
}
