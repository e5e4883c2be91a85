import { ts } from '@ts-morph/common';

/** The identifiers written with one of these names, outside comments; in JavaScript also in the types of its doc comments, which are code there. */
export function identifiersIn(source: ts.SourceFile, names: readonly string[]): readonly ts.Identifier[] {
  if (!names.some((name) => source.text.includes(name))) return [];
  const isJavaScript = (source.flags & ts.NodeFlags.JavaScriptFile) !== 0;
  const found = new Map<number, ts.Identifier>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && names.includes(node.text) && isWritten(node, source))
      found.set(node.getStart(source), node);
    if (isJavaScript) for (const type of docTypes(node)) visit(type);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return [...found.values()];
}

/** False for names that the parser made up, or that are spelled with escapes. */
function isWritten(id: ts.Identifier, source: ts.SourceFile): boolean {
  return source.text.slice(id.getStart(source), id.end) === id.text;
}

function docTypes(node: ts.Node): readonly ts.Node[] {
  // The cast is true: the parser hangs doc comments on nodes under this name, which the compiler's types leave out.
  const { jsDoc = [] } = node as { readonly jsDoc?: readonly ts.JSDoc[] };
  const tags = jsDoc.flatMap((comment) => [...(comment.tags ?? [])]);
  return tags.flatMap((tag) => {
    const isTyped = ts.isJSDocTypeTag(tag) || ts.isJSDocReturnTag(tag) || ts.isJSDocParameterTag(tag);
    return isTyped && tag.typeExpression !== undefined ? [tag.typeExpression] : [];
  });
}

/** The identifier or string that stands exactly at a range; undefined inside comments. */
export function nameAt(source: ts.SourceFile, start: number, end: number): ts.Node | undefined {
  const visit = (node: ts.Node): ts.Node | undefined => {
    if (end <= node.pos || start >= node.end) return undefined;
    const isName = ts.isIdentifier(node) || ts.isStringLiteralLike(node) || ts.isPrivateIdentifier(node);
    const quote = ts.isStringLiteralLike(node) ? 1 : 0;
    if (isName && node.getStart(source) + quote === start && node.end - quote === end) return node;
    return ts.forEachChild(node, visit);
  };
  return visit(source);
}
