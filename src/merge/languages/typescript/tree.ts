import { ts } from 'ts-morph';
import type { Interner, SyntaxNode } from '../../tree/node.ts';
import { itemTraits, listTraits } from './traits.ts';

interface Source {
  readonly file: ts.SourceFile;
  readonly text: string;
  readonly interner: Interner;
}

/** The whole file as a tree that loses no character. */
export function treeOf(file: ts.SourceFile, interner: Interner): SyntaxNode {
  return build({ file, text: file.text, interner }, file, 0).node;
}

interface Built {
  readonly node: SyntaxNode;
  /** Where the next sibling's text begins. */
  readonly end: number;
}

function build(source: Source, node: ts.Node, from: number): Built {
  const children = childrenOf(source, node);
  if (children.length === 0 && node.kind !== ts.SyntaxKind.SyntaxList) return leaf(source, node, from);
  if (node.kind === ts.SyntaxKind.SyntaxList) return buildList(source, node, children, from);
  const parts: SyntaxNode[] = [];
  let at = from;
  for (const child of children) {
    const built = build(source, child, at);
    parts.push(built.node);
    at = built.end;
  }
  return { node: inner(source, kindName(node), parts, { from, end: at }), end: at };
}

function childrenOf(source: Source, node: ts.Node): readonly ts.Node[] {
  return node
    .getChildren(source.file)
    .filter((child) => child.kind < ts.SyntaxKind.FirstJSDocNode || child.kind > ts.SyntaxKind.LastJSDocNode);
}

function kindName(node: ts.Node): string {
  return ts.SyntaxKind[node.kind];
}

function leaf(source: Source, node: ts.Node, from: number): Built {
  const start = Math.max(
    from,
    node.kind === ts.SyntaxKind.EndOfFileToken ? node.end : node.getStart(source.file, false),
  );
  const end = Math.max(start, node.end);
  return { node: leafOf(source, kindName(node), { from, start, end }), end };
}

function leafOf(source: Source, kind: string, at: { from: number; start: number; end: number }): SyntaxNode {
  const token = source.text.slice(at.start, at.end);
  return {
    kind,
    text: source.text.slice(at.from, at.end),
    hash: source.interner.id(normalToken(kind, token)),
    size: token === '' ? 0 : 1,
    children: [],
    lead: source.text.slice(at.from, at.start),
  };
}

/** Tokens that mean the same are written the same: quotes, white space in JSX text, semicolons. */
function normalToken(kind: string, token: string): string {
  if (kind === 'StringLiteral') return `"${token.slice(1, -1).replace(/\\(['"])/g, '$1')}"`;
  if (kind === 'JsxText') return token.replace(/\s+/g, ' ').trim();
  return kind === 'SemicolonToken' ? '' : token;
}

function inner(
  source: Source,
  kind: string,
  children: readonly SyntaxNode[],
  range: { from: number; end: number },
): SyntaxNode {
  const empty = source.interner.id('');
  const hashes = children.filter((child) => child.hash !== empty).map((child) => child.hash);
  const hash =
    hashes.length === 0 ? empty : hashes.length === 1 ? hashes[0]! : source.interner.id(`(${hashes.join(' ')})`);
  return {
    kind,
    text: source.text.slice(range.from, range.end),
    hash,
    size: children.reduce((sum, child) => sum + child.size, 0),
    children,
    lead: '',
  };
}

function buildList(source: Source, list: ts.Node, children: readonly ts.Node[], from: number): Built {
  const traits = listTraits(list.parent, children, source.file);
  const items: SyntaxNode[] = [];
  const header = ts.isSourceFile(list.parent) && children[0] ? headerEnd(source, children[0]) : from;
  let at = header;
  for (let i = 0; i < children.length;) {
    const built = buildItem(source, list, children.slice(i, i + 3), { separator: traits.separator, from: at });
    items.push(built.node);
    at = built.end;
    i += built.taken;
  }
  const node = { ...inner(source, 'List', items, { from: header, end: at }), list: traits };
  if (!ts.isSourceFile(list.parent)) return { node, end: at };
  // What stands above the first statement belongs to the file, so that a new first statement does not take it along.
  const top = leafOf(source, 'Header', { from, start: header, end: header });
  return { node: inner(source, 'Statements', [top, node], { from, end: at }), end: at };
}

/** A file's header ends at its first import, else at the last blank line above its first statement. */
function headerEnd(source: Source, first: ts.Node): number {
  const start = first.getStart(source.file, false);
  if (ts.isImportDeclaration(first)) return start;
  const above = source.text.slice(0, start);
  const blank = above.search(/\n[ \t]*\r?\n(?![\s\S]*\n[ \t]*\r?\n)/);
  return blank < 0 ? 0 : blank;
}

/**
 * One item of a list: space and comments above it, the separator before it (`|`), the syntax, the separator after it (`,`),
 * and comments that end its line. It always has these five children, so that items of different versions align.
 */
function buildItem(
  source: Source,
  list: ts.Node,
  ahead: readonly ts.Node[],
  options: { separator: string; from: number },
): Built & { taken: number } {
  const start = Math.max(options.from, ahead[0]!.getStart(source.file, false));
  const lead = leafOf(source, 'Lead', { from: options.from, start, end: start });
  let at = start;
  let taken = 0;
  const empty = (): SyntaxNode => leafOf(source, 'Empty', { from: at, start: at, end: at });
  const mark = (expected: '|' | ','): SyntaxNode => {
    const next = ahead[taken];
    if (options.separator !== expected || !next || next.kind !== separatorKinds[expected]) return empty();
    taken++;
    const built = leaf(source, next, at);
    at = built.end;
    // A separator says nothing about the item, so it does not count in its hash.
    return { ...built.node, kind: 'Separator', hash: source.interner.id(''), size: 0 };
  };
  const before = mark('|');
  const syntax = ahead[taken];
  let core = empty();
  if (syntax && (options.separator === '' || syntax.kind !== separatorKinds[options.separator as ',' | '|'])) {
    taken++;
    const built = build(source, syntax, at);
    core = built.node;
    at = built.end;
  }
  const after = mark(',');
  const end = endOfLineComments(source.text, at, list.parent);
  const tail = leafOf(source, 'Tail', { from: at, start: end, end });
  const node = inner(source, `Item:${core.kind}`, [lead, before, core, after, tail], { from: options.from, end });
  const traits = syntax ? itemTraits(syntax, source.file) : {};
  return { node: { ...node, ...traits }, end, taken: Math.max(taken, 1) };
}

const separatorKinds = { ',': ts.SyntaxKind.CommaToken, '|': ts.SyntaxKind.BarToken } as const;

/** End of the comments that follow on the same line, when nothing else does. */
function endOfLineComments(text: string, at: number, parent: ts.Node): number {
  if (ts.isJsxElement(parent) || ts.isJsxFragment(parent)) return at;
  const last = ts.getTrailingCommentRanges(text, at)?.at(-1);
  if (!last) return at;
  return /^[ \t]*(\r?\n|$)/.test(text.slice(last.end, last.end + 200)) ? last.end : at;
}
