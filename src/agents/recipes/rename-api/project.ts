import { ts } from '@ts-morph/common';
import type { Files } from '../../ports.ts';
import { readText } from '../source-text.ts';
import { isWritten } from '../written.ts';
import { readConfigs } from './configs.ts';
import { type Importer, openImports } from './imports.ts';
import { outsideHost } from './outside-host.ts';
import { fromCompiler, toCompiler } from './places.ts';

const SOURCE = /\.[cm]?[jt]sx?$/;

// Doc comments are read in JavaScript, where they hold types, and nowhere else.
const DOC_COMMENTS = ts.JSDocParsingMode.ParseForTypeErrors;

/** All sources of a repository as one program, however many configurations it has. */
export interface Project {
  readonly service: ts.LanguageService;
  /** As of the latest `replace`. */
  program(): ts.Program;
  /** The repository's own sources, in order of their paths. */
  sources(): readonly ts.SourceFile[];
  text(path: string): string;
  replace(path: string, text: string): void;
  importersOf(path: string): readonly Importer[];
}

export function openProject(files: Files): Project {
  const configs = readConfigs(files);
  const texts = new Map(sourcesOf(files, configs.outFolders));
  const versions = new Map<string, number>();
  let version = 0;
  const outside = outsideHost(files);
  const imports = openImports(files, configs, outside);
  const roots = [...texts.keys()];

  const host: ts.LanguageServiceHost = {
    ...outside,
    jsDocParsingMode: DOC_COMMENTS,
    resolveModuleNameLiterals: imports.resolve,
    getCompilationSettings: () => configs.shared,
    getProjectVersion: () => String(version),
    getScriptFileNames: () => roots.map(toCompiler),
    getScriptVersion: (name) => String(versions.get(fromCompiler(name)) ?? 0),
    getScriptSnapshot: (name) => {
      const text = texts.get(fromCompiler(name)) ?? outside.readFile(name);
      return text === undefined ? undefined : wholeText(text);
    },
  };
  const service = ts.createLanguageService(host, ts.createDocumentRegistry(true, '/', DOC_COMMENTS));

  const program = (): ts.Program => {
    const current = service.getProgram();
    if (current === undefined) throw new Error('the language service has no program');
    return current;
  };
  const sources = (): readonly ts.SourceFile[] => {
    const current = program();
    return roots.map((path) => current.getSourceFile(toCompiler(path))).filter((each) => each !== undefined);
  };
  return {
    service,
    program,
    sources,
    text: (path) => texts.get(path) ?? '',
    replace: (path, text) => {
      texts.set(path, text);
      versions.set(path, (version += 1));
    },
    importersOf: (path) => imports.importersOf(path),
  };
}

/** Path and text of every source that people wrote. */
function* sourcesOf(files: Files, outFolders: readonly string[]): Iterable<readonly [path: string, text: string]> {
  const isMade = (path: string): boolean => !isWritten(path) || outFolders.some((out) => path.startsWith(`${out}/`));
  for (const path of files.list()) {
    const text = SOURCE.test(path) && !isMade(path) ? readText(files, path) : undefined;
    if (text !== undefined) yield [path, text];
  }
}

/** A snapshot that is never compared with the one before, so that trees handed out earlier stay whole. */
function wholeText(text: string): ts.IScriptSnapshot {
  return {
    getText: (start, end) => text.slice(start, end),
    getLength: () => text.length,
    getChangeRange: () => undefined,
  };
}
