import { ts } from 'ts-morph';
import { mergeNode } from '../../tree/merge.ts';
import type { Interner } from '../../tree/node.ts';
import type { Three } from '../../tree/three.ts';
import { treeOf } from '../typescript/tree.ts';
import type { Fault, Language, OpenFile } from '../language.ts';

/** JSON and JSON with comments: objects by key, lists of plain strings as sets. */
export const json: Language = {
  name: 'json',
  handles: (path) =>
    /\.(json|jsonc|json5|code-workspace)$/.test(path) || /(^|\/)\.(eslintrc|prettierrc|babelrc)$/.test(path),
  open,
};

function open(_path: string, texts: Three<string>, interner: Interner): OpenFile | undefined {
  const strict = [texts.base, texts.ours, texts.theirs].every(isStrict);
  const base = parse(texts.base, strict);
  const ours = parse(texts.ours, strict);
  const theirs = parse(texts.theirs, strict);
  if (!base || !ours || !theirs) return undefined;
  const trees = { base: treeOf(base, interner), ours: treeOf(ours, interner), theirs: treeOf(theirs, interner) };
  return {
    trees,
    merge: () => mergeNode(trees, interner),
    judge: (merged) => {
      const file = parse(merged, strict);
      const known = new Set([...doubleKeys(ours), ...doubleKeys(theirs)].map((fault) => fault.name));
      return (
        file && { tree: treeOf(file, interner), faults: doubleKeys(file).filter((fault) => !known.has(fault.name)) }
      );
    },
  };
}

/** Where all versions are plain JSON the merge must be too: a trailing comma or a comment would break its readers. */
function parse(text: string, strict: boolean): ts.JsonSourceFile | undefined {
  if (strict && !isStrict(text)) return undefined;
  const file = ts.parseJsonText('/file.json', text);
  // The compiler keeps a file's syntax errors in this field, which its published types leave out.
  const errors = (file as ts.JsonSourceFile & { readonly parseDiagnostics: readonly unknown[] }).parseDiagnostics;
  return errors.length === 0 && file.statements.length === 1 ? file : undefined;
}

function isStrict(text: string): boolean {
  try {
    JSON.parse(text.replace(/^\uFEFF/, ''));
    return true;
  } catch {
    return false;
  }
}

function doubleKeys(file: ts.JsonSourceFile): readonly Fault[] {
  const faults: Fault[] = [];
  const walk = (node: ts.Node, path: string): void => {
    if (ts.isObjectLiteralExpression(node)) {
      const seen = new Set<string>();
      for (const property of node.properties) {
        if (!ts.isPropertyAssignment(property)) continue;
        const key = ts.isStringLiteral(property.name) ? property.name.text : property.name.getText(file);
        const full = `${path}/${key}`;
        if (seen.has(key)) faults.push({ gate: 'double-key', name: full, at: property.name.getStart(file) });
        seen.add(key);
        walk(property.initializer, full);
      }
    } else if (ts.isArrayLiteralExpression(node)) node.elements.forEach((element, i) => walk(element, `${path}/${i}`));
    else ts.forEachChild(node, (child) => walk(child, path));
  };
  walk(file, '');
  return faults;
}
