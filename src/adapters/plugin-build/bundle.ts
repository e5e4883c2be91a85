import { readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { ts } from '@ts-morph/common';
import { PluginBuildError } from './errors.ts';

const ENDINGS = ['', '.ts', '.js'];
const OPTIONS: ts.CompilerOptions = {
  module: ts.ModuleKind.CommonJS,
  target: ts.ScriptTarget.ES2023,
  removeComments: true,
  newLine: ts.NewLineKind.LineFeed,
};

/**
 * One script from a plugin's modules in TypeScript or JavaScript, types stripped: each as a function of `exports` and
 * `require`, in order of path. Only relative imports that stay in the folder; throws PLUGIN_BUILD_FAILED.
 */
export async function bundle(folder: string, entry: string): Promise<string> {
  const modules = new Map<string, string>();
  const visit = async (path: string): Promise<void> => {
    if (modules.has(path)) return;
    modules.set(path, '');
    const source = await readFile(join(folder, path), 'utf8');
    const names = new Map<string, string>();
    for (const { fileName } of ts.preProcessFile(source).importedFiles) {
      const found = await resolveModule(folder, path, fileName);
      names.set(fileName, found);
      await visit(found);
    }
    modules.set(path, compile(path, source, names));
  };
  await visit(entry);
  const parts = [...modules.keys()].toSorted().map((path) => `${JSON.stringify(path)}:${modules.get(path) ?? ''}`);
  return `const $modules={${parts.join(',\n')}};const $loaded={};
const $load=(path)=>{if(!$loaded[path]){$loaded[path]={};$modules[path]($loaded[path]);}return $loaded[path];};
`;
}

async function resolveModule(folder: string, from: string, specifier: string): Promise<string> {
  if (!specifier.startsWith('.'))
    throw failed(`${from} imports ${specifier}: a plugin has its own modules only, by relative paths`);
  const path = relative(folder, join(folder, dirname(from), specifier));
  if (path.startsWith('..')) throw failed(`${from} imports ${specifier}, which is outside of the plugin's folder`);
  for (const candidate of ENDINGS.map((ending) => `${path}${ending}`)) {
    if (
      await readFile(join(folder, candidate)).then(
        () => true,
        () => false,
      )
    )
      return candidate;
  }
  throw failed(`${from} imports ${specifier}, which is not there`);
}

function compile(path: string, source: string, names: ReadonlyMap<string, string>): string {
  const { outputText, diagnostics = [] } = ts.transpileModule(source, {
    compilerOptions: OPTIONS,
    fileName: path,
    reportDiagnostics: true,
  });
  const [first] = diagnostics;
  if (first !== undefined) throw failed(`${path}: ${ts.flattenDiagnosticMessageText(first.messageText, '\n')}`);
  const table = JSON.stringify(Object.fromEntries(names));
  return `(exports)=>{const require=(name)=>$load(${table}[name]);\n${outputText}}`;
}

function failed(message: string): PluginBuildError {
  return new PluginBuildError('PLUGIN_BUILD_FAILED', message);
}
