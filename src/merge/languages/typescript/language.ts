import { ts } from 'ts-morph';
import type { Interner } from '../../tree/node.ts';
import type { Three } from '../../tree/three.ts';
import type { Language, OpenFile } from '../language.ts';
import { mergeFile } from './file.ts';
import { nameFaults } from './names.ts';
import { withRenames } from './rename.ts';
import { treeOf } from './tree.ts';

/** TypeScript, TSX, JavaScript and JSX, read by TypeScript's own parser. */
export const typescript: Language = {
  name: 'typescript',
  handles: (path) => /\.[cm]?[jt]sx?$/.test(path),
  open,
};

function open(path: string, texts: Three<string>, interner: Interner): OpenFile | undefined {
  const base = parseSource(path, texts.base);
  const ours = parseSource(path, texts.ours);
  const theirs = parseSource(path, texts.theirs);
  if (!base || !ours || !theirs) return undefined;
  const version = (file: ts.SourceFile) => ({ file, tree: treeOf(file, interner) });
  const versions = { base: version(base), ours: version(ours), theirs: version(theirs) };
  const trees = { base: versions.base.tree, ours: versions.ours.tree, theirs: versions.theirs.tree };
  return {
    trees,
    relativeImports: (merged) => {
      const [inOurs, inTheirs] = [relativeModules(ours), relativeModules(theirs)];
      const file = parseSource(path, merged);
      return file ? [...relativeModules(file)].filter((module) => !inOurs.has(module) || !inTheirs.has(module)) : [];
    },
    renamed: (places) => withRenames(places, { base, ours, theirs }),
    merge: () => mergeFile(versions, interner),
    judge: (merged) => {
      const file = parseSource(path, merged);
      return file && { tree: treeOf(file, interner), faults: nameFaults(file, { ours, theirs }) };
    },
  };
}

/** Undefined when the text has a syntax error. */
function parseSource(path: string, text: string): ts.SourceFile | undefined {
  const name = fileName(path);
  // JavaScript declares types in comments, for TypeScript they are only comments.
  const jsDocParsingMode = /\.tsx?$/.test(name) ? ts.JSDocParsingMode.ParseNone : ts.JSDocParsingMode.ParseAll;
  const file = ts.createSourceFile(name, text, { languageVersion: ts.ScriptTarget.Latest, jsDocParsingMode });
  // The compiler keeps a file's syntax errors in this field, which its published types leave out.
  const errors = (file as ts.SourceFile & { readonly parseDiagnostics: readonly unknown[] }).parseDiagnostics;
  return errors.length === 0 ? file : undefined;
}

/** JavaScript is read as JSX: a superset in which plain scripts parse alike. */
function fileName(path: string): string {
  if (/\.tsx$/.test(path)) return '/file.tsx';
  return /\.[cm]?ts$/.test(path) ? '/file.ts' : '/file.jsx';
}

function relativeModules(file: ts.SourceFile): ReadonlySet<string> {
  const modules = file.statements.flatMap((one) => {
    const from = ts.isImportDeclaration(one) || ts.isExportDeclaration(one) ? one.moduleSpecifier : undefined;
    return from && ts.isStringLiteral(from) && from.text.startsWith('.') ? [from.text] : [];
  });
  return new Set(modules);
}
