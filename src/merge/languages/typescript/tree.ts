import { ts } from 'ts-morph';
import { InnerNode } from '../../tree/node.ts';
import type { Interner, ListTraits, SyntaxNode } from '../../tree/node.ts';
import { isOptional } from './optional.ts';
import { setParent } from './parents.ts';
import { itemTraits, listTraits } from './traits.ts';

interface Source {
  readonly file: ts.SourceFile;
  readonly text: string;
  readonly interner: Interner;
}

/** The whole file as a tree that loses no character. */
export function treeOf(file: ts.SourceFile, interner: Interner): SyntaxNode {
  const source = { file, text: file.text, interner };
  return new InnerNode({ kind: 'SourceFile', text: file.text }, interner, () => {
    const [list, end] = childrenOf(source, file);
    if (!list || !end) return [];
    const body = statements(source, list, end.pos);
    return [body, leafOf(source, 'EndOfFile', { from: body.text.length, start: end.end, end: end.end })];
  });
}

/** A node from `from`, where the sibling before it ended, to its own end. */
function build(source: Source, node: ts.Node, from: number): SyntaxNode {
  if (node.kind === ts.SyntaxKind.SyntaxList)
    return buildList(source, node, { from, end: listEnd(source, node, from) });
  const text = source.text.slice(from, Math.max(from, node.end));
  if (isToken(node)) return leaf(source, node, from);
  const parts = (): readonly SyntaxNode[] =>
    ts.isIfStatement(node) ? [branchesOf(source, node, from)] : buildAll(source, childrenOf(source, node), from);
  return new InnerNode({ kind: kindName(node), text }, source.interner, parts);
}

/** Comments at the end of a list's last line belong to its last item, not to the bracket behind it. */
function listEnd(source: Source, list: ts.Node, from: number): number {
  const end = Math.max(from, list.end);
  if (list.end === list.pos || ts.isJsxElement(list.parent) || ts.isJsxFragment(list.parent)) return end;
  return Math.min(Math.max(end, list.parent.end), endOfLineComments(source.text, end));
}

/** Neighbours, each from where the one before it ended. */
function buildAll(source: Source, nodes: readonly ts.Node[], from: number): readonly SyntaxNode[] {
  let at = from;
  return nodes.map((node) => {
    const built = build(source, node, at);
    at += built.text.length;
    return built;
  });
}

/** `if … else if … else …` as a list of its branches: the grammar nests each in the one before, people see a list. */
function branchesOf(source: Source, first: ts.IfStatement, from: number): SyntaxNode {
  const branches: SyntaxNode[] = [];
  let at = from;
  let open: readonly ts.Node[] = [];
  const close = (nodes: readonly ts.Node[], key: string): void => {
    const text = source.text.slice(at, Math.max(at, nodes.at(-1)?.end ?? at));
    const start = at;
    branches.push(new InnerNode({ kind: 'Branch', text, key }, source.interner, () => buildAll(source, nodes, start)));
    at += text.length;
  };
  for (let next: ts.IfStatement | undefined = first; next;) {
    const children = childrenOf(source, next);
    close(
      [...open, ...children.slice(0, 5)],
      next === first ? 'first branch' : `if ${next.expression.getText(source.file)}`,
    );
    const [keyword, other] = children.slice(5);
    next = other && ts.isIfStatement(other) ? other : undefined;
    open = keyword ? [keyword] : [];
    if (keyword && other && !next) close([keyword, other], 'else');
  }
  const text = source.text.slice(from, at);
  return new InnerNode({ kind: 'List', text, list: { free: false, separator: '' } }, source.interner, () => branches);
}

function isToken(node: ts.Node): boolean {
  return node.kind < ts.SyntaxKind.FirstNode || ts.isOmittedExpression(node) || node.pos === node.end;
}

function childrenOf(source: Source, node: ts.Node): readonly ts.Node[] {
  const children = node.getChildren(source.file);
  for (const child of children) setParent(child, node);
  return ts.isJSDoc(children[0] ?? node) ? children.filter((child) => !ts.isJSDoc(child)) : children;
}

function kindName(node: ts.Node): string {
  return ts.SyntaxKind[node.kind];
}

function leaf(source: Source, node: ts.Node, from: number): SyntaxNode {
  const start = Math.max(from, node.getStart(source.file, false));
  const built = leafOf(source, kindName(node), { from, start, end: Math.max(start, node.end) });
  return isOptional(node) ? { ...built, hash: source.interner.id('') } : built;
}

function leafOf(source: Source, kind: string, at: { from: number; start: number; end: number }): SyntaxNode {
  const token = source.text.slice(at.start, at.end);
  return {
    kind,
    text: source.text.slice(at.from, at.end),
    hash: source.interner.id(normalToken(kind, token)),
    size: token === '' ? 0 : 1,
    children: none,
    lead: source.text.slice(at.from, at.start),
  };
}

/** What leaves hold: one for all, since there are many. */
const none: readonly SyntaxNode[] = Object.freeze([]);

/** Tokens that mean the same are written the same: quotes, white space in JSX text, semicolons. */
function normalToken(kind: string, token: string): string {
  if (kind === 'StringLiteral') return `"${token.slice(1, -1).replace(/\\(['"])/g, '$1')}"`;
  if (kind === 'JsxText') return token.replace(/\s+/g, ' ').trim();
  return kind === 'SemicolonToken' ? '' : token;
}

/** What stands above the first statement belongs to the file, so that a new first statement does not take it along. */
function statements(source: Source, list: ts.Node, end: number): SyntaxNode {
  const first = source.file.statements[0];
  const start = first ? headerEnd(source, first) : 0;
  const header = leafOf(source, 'Header', { from: 0, start, end: start });
  // Comments at the end of the last statement's line are part of the list although they stand behind its last token.
  const last = first ? Math.max(start, endOfLineComments(source.text, end)) : start;
  const body = buildList(source, list, { from: start, end: last });
  return new InnerNode({ kind: 'Statements', text: header.text + body.text }, source.interner, () => [header, body]);
}

/** A file's header ends at its first import, else behind the last comment that a blank line or a licence text sets apart. */
function headerEnd(source: Source, first: ts.Node): number {
  if (ts.isImportDeclaration(first)) return first.getStart(source.file, false);
  const comments = ts.getLeadingCommentRanges(source.text, first.pos) ?? [];
  const last = comments.findLast(({ pos, end }) => {
    const isNotice = pos === 0 && /copyright|licen[sc]e/i.test(source.text.slice(pos, end));
    return isNotice || /^[ \t]*\r?\n[ \t]*\r?\n/.test(source.text.slice(end, end + 200));
  });
  const line = last && /^\s*\n/.exec(source.text.slice(last.end));
  return last ? last.end + (line?.[0].length ?? 0) : 0;
}

function buildList(source: Source, list: ts.Node, range: { from: number; end: number }): SyntaxNode {
  const children = list.getChildren(source.file);
  for (const child of children) setParent(child, list.parent);
  const traits = listTraits(list.parent, children, source.file);
  const text = source.text.slice(range.from, range.end);
  return new InnerNode({ kind: 'List', text, list: traits }, source.interner, () => {
    const items: SyntaxNode[] = [];
    let at = range.from;
    for (let i = 0; i < children.length;) {
      const built = buildItem(source, list, children.slice(i, i + 3), {
        separator: traits.separator,
        from: at,
        end: range.end,
      });
      items.push(built.node);
      at += built.node.text.length;
      i += built.taken;
    }
    return items;
  });
}

/**
 * One item of a list: space and comments above it, the separator before it (`|`), the syntax, the separator after it (`,`),
 * and comments that end its line. It always has these five children, so that items of different versions align.
 */
function buildItem(
  source: Source,
  list: ts.Node,
  ahead: readonly ts.Node[],
  options: { separator: ListTraits['separator']; from: number; end: number },
): { node: SyntaxNode; taken: number } {
  const start = Math.max(options.from, ahead[0]!.getStart(source.file, false));
  const lead = leafOf(source, 'Lead', { from: options.from, start, end: start });
  const parts = [lead];
  let at = start;
  let taken = 0;
  const take = (part: SyntaxNode): void => {
    parts.push(part);
    at += part.text.length;
  };
  const isMark = (): boolean => ahead[taken]?.kind === separatorKinds[options.separator];
  const mark = (expected: '|' | ','): void => {
    if (options.separator !== expected || !isMark())
      return take(leafOf(source, 'Empty', { from: at, start: at, end: at }));
    // A separator says nothing about the item, so it does not count in its hash.
    take({ ...leaf(source, ahead[taken++]!, at), kind: 'Separator', hash: source.interner.id(''), size: 0 });
  };
  mark('|');
  const syntax = isMark() ? undefined : ahead[taken];
  if (syntax) taken++;
  take(syntax ? build(source, syntax, at) : leafOf(source, 'Empty', { from: at, start: at, end: at }));
  mark(',');
  const end = Math.min(
    options.end,
    ts.isJsxElement(list.parent) || ts.isJsxFragment(list.parent) ? at : endOfLineComments(source.text, at),
  );
  take(leafOf(source, 'Tail', { from: at, start: Math.max(at, end), end: Math.max(at, end) }));
  const text = source.text.slice(options.from, at);
  const traits = syntax ? itemTraits(syntax, source.file) : {};
  const node = new InnerNode({ kind: `Item:${parts[2]!.kind}`, text, ...traits }, source.interner, () => parts);
  return { node, taken: Math.max(taken, 1) };
}

const separatorKinds = { '': undefined, ',': ts.SyntaxKind.CommaToken, '|': ts.SyntaxKind.BarToken } as const;

/** End of the comments that follow on the same line, when nothing else does. */
function endOfLineComments(text: string, at: number): number {
  const last = ts.getTrailingCommentRanges(text, at)?.at(-1);
  if (!last) return at;
  return /^[ \t]*(\r?\n|$)/.test(text.slice(last.end, last.end + 200)) ? last.end : at;
}
