import { ts } from 'ts-morph';

/** Looks a name up from a place in its file, outwards through the scopes; undefined when nothing there declares it. */
export type LookUp = (place: ts.Node, name: ts.__String, meaning: ts.SymbolFlags) => ts.Symbol | undefined;

/**
 * What TypeScript knows but its published types leave out: the binder, and the look-up behind "cannot find name". Both
 * work on one file without a program and without checking types, which takes ten times as long.
 */
interface Insides {
  readonly bindSourceFile?: (file: ts.SourceFile, options: ts.CompilerOptions) => void;
  readonly createNameResolver?: (parts: {
    readonly compilerOptions: ts.CompilerOptions;
    readonly globals: ts.SymbolTable;
    readonly argumentsSymbol: ts.Symbol;
    readonly requireSymbol: ts.Symbol;
    readonly error: () => undefined;
    readonly getSymbolOfDeclaration: (node: ts.Node) => ts.Symbol | undefined;
    readonly lookup: (symbols: ts.SymbolTable, name: ts.__String, meaning: ts.SymbolFlags) => ts.Symbol | undefined;
  }) => (
    place: ts.Node,
    name: ts.__String,
    meaning: ts.SymbolFlags,
    notFound: undefined,
    isUse: boolean,
  ) => ts.Symbol | undefined;
}
type Bound = ts.Node & { readonly symbol?: ts.Symbol; readonly locals?: ts.SymbolTable };

const options: ts.CompilerOptions = { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext, allowJs: true };

/** Binds the file (its `bindDiagnostics` stand afterwards) and gives the look-up in it. */
export function lookUpIn(file: ts.SourceFile): LookUp {
  // Both members are optional in `Insides`, so this says nothing that is not checked below.
  const { bindSourceFile, createNameResolver } = ts as typeof ts & Insides;
  if (!bindSourceFile || !createNameResolver)
    throw new Error('this compiler cannot look up names; ts-morph 28 carries one that can');
  bindSourceFile(file, options);
  const { locals }: Bound = file;
  const resolve = createNameResolver({
    compilerOptions: options,
    // What a script declares at its top is global; a module keeps it.
    globals: (ts.isExternalModule(file) ? undefined : locals) ?? new Map(),
    argumentsSymbol: builtin,
    requireSymbol: builtin,
    error: () => undefined,
    getSymbolOfDeclaration: (node: Bound) => node.symbol,
    lookup: (symbols, name, meaning) => {
      const found = symbols.get(name);
      return found && (found.flags & (meaning | ts.SymbolFlags.Alias)) !== 0 ? found : undefined;
    },
  });
  return (place, name, meaning) => resolve(place, name, meaning, undefined, false);
}

/** Stands for `arguments` and for CommonJS's `require`, which no file declares. */
// The resolver only hands it back; nobody reads its fields.
const builtin = { flags: ts.SymbolFlags.Property, name: '' } as ts.Symbol;
