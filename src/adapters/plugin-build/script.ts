import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Permissions } from '#plugins/ports.ts';
import { bundle } from './bundle.ts';
import { PluginBuildError } from './errors.ts';
import { packageFolder } from './packages.ts';

/** Exports of a plugin; everything else of the engine goes. */
const EXPORTS = ['memory', 'alloc', 'run', '_initialize'];
const HEADER = '__maestro\0plugin.js\0';
/** Calls the plugin with its input as JSON; what it throws is its answer, as other plugins give theirs. */
const CALL = `return (input)=>{try{
const {run}=$load($entry);
if(typeof run!=='function')throw new TypeError('the plugin exports no function run');
const value=run(JSON.parse(input));
if(value instanceof Promise)throw new TypeError('run must give its answer at once, not a promise');
return value instanceof Uint8Array||$plain&&typeof value==='string'?value:JSON.stringify(value??null);
}catch(error){return JSON.stringify({error:String(error),at:String(error&&error.stack||'')});}}`;

export function scriptEntry(folder: string): string | undefined {
  return ['src/plugin.ts', 'src/plugin.js'].find((entry) => existsSync(join(folder, entry)));
}

/** What of the manifest decides how the module is made. */
export interface Asked {
  readonly permissions: Permissions;
  readonly output: 'json' | 'text' | 'bytes';
}

/**
 * A plugin in TypeScript or JavaScript as one core module: its script, QuickJS, and what joins them to the interface of
 * plugins. The same walls hold for it as for any other: it imports the granted functions and nothing else.
 */
export async function buildScript(
  folder: string,
  asked: Asked,
  scratch: string,
  run: (program: string, args: readonly string[], cwd: string) => Promise<void>,
): Promise<Uint8Array> {
  const entry = scriptEntry(folder) ?? '';
  const sdk = fileURLToPath(new URL('../../../plugins/sdk/typescript/', import.meta.url));
  const prelude = await readFile(join(sdk, 'prelude.js'), 'utf8');
  const body = `${prelude}${await bundle(folder, entry)}const $entry=${JSON.stringify(entry)},$plain=${asked.output !== 'json'};\n${CALL}`;
  const script = Buffer.from(`${HEADER}(()=>{${body}})()\0`);
  const engine = withScript(await readFile(join(sdk, 'engine.wat'), 'utf8'), script, asked);
  await writeFile(join(scratch, 'engine.wat'), engine);
  await writeFile(join(scratch, 'graph.json'), JSON.stringify(graph()));
  const tool = (name: string, ...args: readonly string[]): Promise<void> =>
    run(process.execPath, [join(packageFolder('binaryen', folder), 'bin', name), ...args], scratch);
  const features = ['--enable-bulk-memory', '--enable-sign-ext', '--enable-nontrapping-float-to-int'];
  const more = [...features, '--enable-mutable-globals', '--enable-multivalue', '--enable-reference-types'];
  const quickjs = join(packageFolder('quickjs-wasi', folder), 'quickjs.wasm');
  await tool('wasm-as', ...more, 'engine.wat', '-o', 'engine.wasm');
  await tool('wasm-merge', ...more, 'engine.wasm', 'env', quickjs, 'quickjs', '-o', 'merged.wasm');
  await tool('wasm-metadce', ...more, '--graph-file=graph.json', 'merged.wasm', '-o', 'module.wasm');
  return new Uint8Array(await readFile(join(scratch, 'module.wasm')));
}

/** Only what the manifest asks for may be imported, so the rest is left out. */
function withScript(engine: string, script: Buffer, { permissions }: Asked): string {
  const { fs_read, regex, ast, log, kv } = permissions;
  const asks: { readonly [capability: string]: boolean } = { fs_read: fs_read.length > 0, regex, ast, log, kv };
  const lines = engine.split('\n').filter((line) => {
    const capability = /;;@(\w+)$/.exec(line)?.[1];
    return capability === undefined || asks[capability] === true;
  });
  const escaped = [...script].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');
  return lines
    .join('\n')
    .replace('@SCRIPT@', () => escaped)
    .replace('@SIZE@', String(script.length));
}

function graph(): object {
  const nodes = EXPORTS.map((name) => ({ name, export: name }));
  return [{ name: 'plugin', root: true, reaches: EXPORTS }, ...nodes];
}

/** What of others is in such a module, for the SBOM. */
export async function scriptComponents(
  folder: string,
): Promise<readonly { readonly name: string; readonly version: string; readonly license: string }[]> {
  const file = join(packageFolder('quickjs-wasi', folder), 'package.json');
  // The cast is checked by the next line.
  const { version } = JSON.parse(await readFile(file, 'utf8')) as { version?: string };
  if (version === undefined) throw new PluginBuildError('PLUGIN_TOOL_MISSING', `${file} names no version`);
  return [{ name: 'quickjs-wasi', version, license: 'MIT' }];
}
