import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PluginBuildError } from './errors.ts';

/** Packages that authors need, as they install them. */
const WANTED: { readonly [name: string]: string } = {
  assemblyscript: 'assemblyscript@0.28.20',
  binaryen: 'binaryen@132.0.0',
  'quickjs-wasi': 'quickjs-wasi@3.7.0',
};

/** Where a package is: in the plugin's own folder, else where Maestro finds its own. Throws PLUGIN_TOOL_MISSING. */
export function packageFolder(name: string, folder: string): string {
  const own = join(folder, 'node_modules', name);
  if (existsSync(own)) return own;
  try {
    const file = fileURLToPath(import.meta.resolve(name));
    const marker = join('node_modules', name);
    return file.slice(0, file.lastIndexOf(marker) + marker.length);
  } catch {
    throw new PluginBuildError('PLUGIN_TOOL_MISSING', `${name} is missing: npm install ${WANTED[name] ?? name}`);
  }
}
