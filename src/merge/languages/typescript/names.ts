import { ts } from 'ts-morph';
import type { Fault } from '../language.ts';

const unknown: ReadonlySet<number> = new Set([2304, 2552, 2503]);
const double: ReadonlySet<number> = new Set([2300, 2451, 2393, 2440, 2395, 2528]);
const doubleKey = 1117;

/** Names that resolve in both sides but not in the merge, and names that the merge declares twice. */
export function nameFaults(
  merged: ts.SourceFile,
  sides: { readonly ours: ts.SourceFile; readonly theirs: ts.SourceFile },
): readonly Fault[] {
  const found = diagnostics(merged);
  const suspects = found.filter((fault) => !isUnknownIn(sides.ours, fault) && !isUnknownIn(sides.theirs, fault));
  if (suspects.length === 0) return [];
  const ours = countByName(diagnostics(sides.ours));
  const theirs = countByName(diagnostics(sides.theirs));
  const counts = countByName(suspects);
  return suspects.filter((fault) => {
    const key = `${fault.gate} ${fault.name}`;
    const before = Math.max(ours.get(key) ?? 0, theirs.get(key) ?? 0);
    return fault.gate === 'unknown-name' ? before === 0 : counts.get(key)! > before;
  });
}

/**
 * True when a name that the merge does not know stands in this side without any declaration: then it was unknown there
 * already (a global, most often), and the side needs no check of its own.
 */
function isUnknownIn(side: ts.SourceFile, fault: Fault): boolean {
  if (fault.gate !== 'unknown-name') return false;
  const names = wordsIn(side);
  return names.used.has(fault.name) && !names.declared.has(fault.name);
}

interface Words {
  readonly used: ReadonlySet<string>;
  readonly declared: ReadonlySet<string>;
}

function wordsIn(file: ts.SourceFile): Words {
  const used = new Set<string>();
  const declared = new Set<string>();
  const walk = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) {
      const parent = node.parent;
      const isName = 'name' in parent && parent.name === node && !ts.isPropertyAccessExpression(parent);
      if (isName || ts.isImportClause(parent) || ts.isNamespaceImport(parent)) declared.add(node.text);
      else used.add(node.text);
    }
    ts.forEachChild(node, walk);
  };
  walk(file);
  return { used, declared };
}

function countByName(faults: readonly Fault[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { gate, name } of faults) counts.set(`${gate} ${name}`, (counts.get(`${gate} ${name}`) ?? 0) + 1);
  return counts;
}

/** The checker's findings about names in one file alone: no library, no other file. */
function diagnostics(file: ts.SourceFile): Fault[] {
  const host: ts.CompilerHost = {
    getSourceFile: (name) => (name === file.fileName ? file : undefined),
    getDefaultLibFileName: () => '/lib.d.ts',
    writeFile: () => undefined,
    getCurrentDirectory: () => '/',
    getCanonicalFileName: (name) => name,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => '\n',
    fileExists: (name) => name === file.fileName,
    readFile: () => undefined,
  };
  const options: ts.CompilerOptions = {
    noLib: true,
    noResolve: true,
    allowJs: true,
    checkJs: true,
    jsx: ts.JsxEmit.Preserve,
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.ESNext,
    types: [],
    experimentalDecorators: true,
  };
  const program = ts.createProgram([file.fileName], options, host);
  return program.getSemanticDiagnostics(file).flatMap(({ code, start, length }) => {
    const gate = unknown.has(code)
      ? 'unknown-name'
      : double.has(code)
        ? 'double-name'
        : code === doubleKey
          ? 'double-key'
          : undefined;
    if (!gate || start === undefined) return [];
    return [{ gate, name: file.text.slice(start, start + (length ?? 0)).slice(0, 60), at: start }];
  });
}
