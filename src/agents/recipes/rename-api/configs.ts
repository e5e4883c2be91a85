import { ts } from '@ts-morph/common';
import type { Files } from '../../ports.ts';
import { readText } from '../source-text.ts';
import { fromCompiler, toCompiler } from './places.ts';

// In this order: what a folder's files are compiled with. Base configurations count only where there is nothing else.
const NAMES = ['tsconfig.json', 'jsconfig.json', 'tsconfig.base.json'];

// For sources that no configuration covers: modules as bundlers and Node read them.
const PLAIN: ts.CompilerOptions = {
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
};

/** The compiler options of a repository, which may have none or many configurations. */
export interface Configs {
  /** Options of the nearest configuration above a file, for finding what it imports. */
  optionsFor(path: string): ts.CompilerOptions;
  /** The one set under which all files are checked together. */
  readonly shared: ts.CompilerOptions;
  /** Folders that configurations write to: what lies there is made, not written. */
  readonly outFolders: readonly string[];
}

export function readConfigs(files: Files): Configs {
  const list = files.list();
  const known = new Set(list);
  const byFolder = new Map<string, ts.CompilerOptions>();
  for (const name of NAMES) {
    for (const path of list.filter((each) => each === name || each.endsWith(`/${name}`))) {
      const folder = path.slice(0, -name.length).replace(/\/$/, '');
      if (!byFolder.has(folder)) byFolder.set(folder, readConfig(files, known, path));
    }
  }
  const optionsFor = (path: string): ts.CompilerOptions => {
    for (let folder = path; folder !== '';) {
      folder = folder.includes('/') ? folder.slice(0, folder.lastIndexOf('/')) : '';
      const options = byFolder.get(folder);
      if (options !== undefined) return options;
    }
    return PLAIN;
  };
  const shallowest = [...byFolder.keys()].toSorted(
    (a, b) => a.split('/').length - b.split('/').length || (a < b ? -1 : 1),
  )[0];
  const outFolders = [...byFolder.values()].flatMap((options) => options.outDir ?? options.declarationDir ?? []);
  return {
    optionsFor,
    shared: sharedOptions((shallowest === undefined ? undefined : byFolder.get(shallowest)) ?? PLAIN),
    outFolders: outFolders.map(fromCompiler).filter((folder) => folder !== ''),
  };
}

function sharedOptions(options: ts.CompilerOptions): ts.CompilerOptions {
  return {
    ...options,
    allowJs: true,
    allowImportingTsExtensions: true,
    // Files without imports are modules too: names of scripts of different packages must not run together.
    moduleDetection: ts.ModuleDetectionKind.Force,
    resolveJsonModule: true,
    skipLibCheck: true,
    jsx: options.jsx ?? ts.JsxEmit.Preserve,
    noEmit: true,
    composite: false,
    incremental: false,
    declaration: false,
    isolatedDeclarations: false,
  };
}

/** Options with everything they extend; a configuration that only refers to others stands for what they say together. */
function readConfig(files: Files, known: ReadonlySet<string>, path: string, depth = 0): ts.CompilerOptions {
  const folder = toCompiler(path.slice(0, Math.max(0, path.lastIndexOf('/'))));
  const json: unknown = ts.readConfigFile(toCompiler(path), (name) => readText(files, fromCompiler(name))).config ?? {};
  const host: ts.ParseConfigHost = {
    useCaseSensitiveFileNames: true,
    readDirectory: () => [],
    fileExists: (name) => files.kindOf(fromCompiler(name)) === 'file',
    readFile: (name) => readText(files, fromCompiler(name)),
  };
  const parsed = ts.parseJsonConfigFileContent(json, host, folder, undefined, toCompiler(path));
  const referred = depth > 1 ? [] : (parsed.projectReferences ?? []).map((each) => fromCompiler(each.path));
  const beside = referred.filter((each) => known.has(each) && toCompiler(each).startsWith(folder));
  const inherited = beside.map((each) => readConfig(files, known, each, depth + 1));
  return [...inherited, parsed.options].reduce((all, options) => ({ ...all, ...options }), {});
}
