import { isMap, isNode, isPair, isScalar, isSeq, parseDocument } from 'yaml';
import type { Document, Node as YamlNode } from 'yaml';
import type { Interner, ListTraits, SyntaxNode } from '../../tree/node.ts';

/** A document and what it means. */
export interface YamlFile {
  readonly document: Document.Parsed;
  readonly value: unknown;
}

/** Undefined when the text is not one valid YAML document that can be read: an alias without anchor only shows in its value. */
export function parseYaml(text: string): YamlFile | undefined {
  const document = parseDocument(text, { uniqueKeys: false, merge: false });
  if (document.errors.length > 0) return undefined;
  try {
    return { document, value: document.toJS() };
  } catch {
    // An alias that stands for nothing, or so many that they are an attack.
    return undefined;
  }
}

/**
 * The document as blocks of whole lines: one per key of a block mapping, one per entry of a block sequence, nested.
 * What is written in flow style or as one scalar stays one token.
 */
export function yamlTree({ document }: YamlFile, source: string, interner: Interner): SyntaxNode {
  const writer = { source, interner };
  const contents = document.contents;
  if (!contents || !isBlock(contents)) return leafFor(writer, 'Document', { from: 0, end: source.length });
  return blockFor(writer, contents, { from: 0, end: source.length });
}

interface Writer {
  readonly source: string;
  readonly interner: Interner;
}

interface Range {
  readonly from: number;
  readonly end: number;
}

function isBlock(node: unknown): node is YamlNode & { items: readonly unknown[] } {
  return (isMap(node) || isSeq(node)) && node.flow !== true && node.items.length > 0;
}

/** A mapping or sequence: what stands above its first entry, then its entries, each up to the line where the next begins. */
function blockFor(writer: Writer, node: YamlNode & { items: readonly unknown[] }, range: Range): SyntaxNode {
  const starts = node.items.map((item) => startOf(writer, item, range.from));
  const head = leafFor(writer, 'Head', { from: range.from, end: starts[0] ?? range.end });
  const items = node.items.map((item, i) =>
    itemFor(writer, item, { from: starts[i]!, end: starts[i + 1] ?? range.end }),
  );
  const list: ListTraits = { free: isMap(node), separator: '' };
  const from = starts[0] ?? range.end;
  const entries = { ...innerFor(writer, isMap(node) ? 'Mapping' : 'Sequence', items, { from, end: range.end }), list };
  return innerFor(writer, 'Block', [head, entries], range);
}

/** Offset where an entry's first line begins, its comments above included. */
function startOf(writer: Writer, item: unknown, floor: number): number {
  const at = isPair(item) ? rangeOf(item.key)?.[0] : rangeOf(item)?.[0];
  const lineStart = writer.source.lastIndexOf('\n', (at ?? floor) - 1) + 1;
  let start = Math.max(lineStart, floor);
  while (start > floor) {
    const above = writer.source.lastIndexOf('\n', start - 2) + 1;
    if (above < floor || !/^\s*#/.test(writer.source.slice(above, start))) break;
    start = above;
  }
  return start;
}

function rangeOf(node: unknown): readonly number[] | undefined {
  return isNode(node) ? (node.range ?? undefined) : undefined;
}

function itemFor(writer: Writer, item: unknown, range: Range): SyntaxNode {
  const value = isPair(item) ? item.value : item;
  const key = isPair(item) && isScalar(item.key) ? `key ${String(item.key.value)}` : undefined;
  const inside = isBlock(value) ? nestedFor(writer, value, range) : undefined;
  const node = inside ?? leafFor(writer, 'Entry', range);
  return { ...node, kind: 'Entry', ...(key === undefined ? {} : { key }) };
}

/** A nested block that begins on a line of its own merges further inside; `- name: x` on one line does not. */
function nestedFor(
  writer: Writer,
  value: YamlNode & { items: readonly unknown[] },
  range: Range,
): SyntaxNode | undefined {
  const first = value.items[0];
  const at = isPair(first) ? rangeOf(first.key)?.[0] : rangeOf(first)?.[0];
  const line = writer.source.indexOf('\n', range.from) + 1;
  if (at === undefined || line === 0 || at < line) return undefined;
  const label = leafFor(writer, 'Label', { from: range.from, end: line });
  return innerFor(writer, 'Entry', [label, blockFor(writer, value, { from: line, end: range.end })], range);
}

function leafFor(writer: Writer, kind: string, { from, end }: Range): SyntaxNode {
  const text = writer.source.slice(from, end);
  const token = text.trimStart();
  const code = token
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .trimEnd();
  return {
    kind,
    text,
    hash: writer.interner.id(code),
    size: code === '' ? 0 : 1,
    children: [],
    lead: text.slice(0, text.length - token.length),
  };
}

function innerFor(writer: Writer, kind: string, children: readonly SyntaxNode[], { from, end }: Range): SyntaxNode {
  return {
    kind,
    text: writer.source.slice(from, end),
    hash: writer.interner.id(`(${children.map((child) => child.hash).join(' ')})`),
    size: children.reduce((sum, child) => sum + child.size, 0),
    children,
    lead: '',
  };
}
