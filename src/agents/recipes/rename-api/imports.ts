import { ts } from '@ts-morph/common';
import type { Files } from '../../ports.ts';
import type { Configs } from './configs.ts';
import { fromCompiler, toCompiler } from './places.ts';
import { workspacePackages } from './workspace-packages.ts';

/** A file that imports another: some of its names, all of them as one object, or all of them to pass them on. */
export interface Importer {
  readonly path: string;
  readonly form: 'names' | 'object' | 'star';
}

export interface Imports {
  readonly resolve: NonNullable<ts.LanguageServiceHost['resolveModuleNameLiterals']>;
  /** Who imports a file, of all that was resolved so far. */
  importersOf(path: string): readonly Importer[];
}

/** Each file's imports are found by the options of its own configuration, then among the repository's own packages. */
export function openImports(files: Files, configs: Configs, host: ts.ModuleResolutionHost): Imports {
  const ownPackage = workspacePackages(files);
  const importers = new Map<string, Importer[]>();
  const caches = new Map<ts.CompilerOptions, ts.ModuleResolutionCache>();

  const find = (
    literal: ts.StringLiteralLike,
    containing: string,
    source: ts.SourceFile,
  ): ts.ResolvedModuleFull | undefined => {
    const options = configs.optionsFor(fromCompiler(containing));
    const cache = caches.get(options) ?? ts.createModuleResolutionCache('/', (name) => name, options);
    caches.set(options, cache);
    const mode = ts.getModeForUsageLocation(source, literal, options);
    const found = ts.resolveModuleName(literal.text, containing, options, host, cache, undefined, mode).resolvedModule;
    const ours = found === undefined ? ownPackage(literal.text) : undefined;
    if (ours === undefined) return found;
    const extension = /(\.d)?\.[cm]?[jt]sx?$/.exec(ours)?.[0] ?? ts.Extension.Ts;
    return { resolvedFileName: toCompiler(ours), extension, isExternalLibraryImport: false };
  };

  return {
    resolve: (literals, containing, _redirected, _options, source) =>
      literals.map((literal) => {
        const resolvedModule = find(literal, containing, source);
        const target = fromCompiler(resolvedModule?.resolvedFileName ?? '');
        const known = importers.get(target) ?? [];
        known.push({ path: fromCompiler(containing), form: formOf(literal) });
        importers.set(target, known);
        return { resolvedModule };
      }),
    importersOf: (path) => importers.get(path) ?? [],
  };
}

function formOf({ parent }: ts.StringLiteralLike): Importer['form'] {
  if (ts.isExportDeclaration(parent) && parent.exportClause === undefined) return 'star';
  if (ts.isExportDeclaration(parent)) return ts.isNamespaceExport(parent.exportClause ?? parent) ? 'object' : 'names';
  if (!ts.isImportDeclaration(parent)) return 'object';
  const bindings = parent.importClause?.namedBindings;
  return bindings !== undefined && ts.isNamespaceImport(bindings) ? 'object' : 'names';
}
