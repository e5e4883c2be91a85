import { tokenOf } from './node.ts';
import type { SyntaxNode } from './node.ts';
import { concat, isConflict, isSettled, settledText, text } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import type { Three } from './three.ts';

/** A merged item of a list; `before` and `after` are the places of its separators, which depend on where it ends up. */
export interface MergedItem {
  readonly lead?: Outcome;
  readonly core: Outcome;
  readonly before?: SyntaxNode;
  readonly after?: SyntaxNode;
  readonly tail?: Outcome;
  /** True for statements and declarations, which stand on lines of their own. */
  readonly statement?: boolean;
  /** True for members of interfaces and object types, which a mark or a line end separates. */
  readonly member?: boolean;
}

/** An item taken from one side as it is. */
export function itemOf(node: SyntaxNode): MergedItem {
  const [lead, before, core, after, tail] = node.children;
  if (!isItem(node) || !lead || !before || !core || !after || !tail) return { core: text(node.text) };
  return {
    lead: text(lead.text),
    before,
    core: text(core.text),
    after,
    tail: text(tail.text),
    statement: isStatement(node),
    member: isTypeMember(node),
  };
}

export function isItem(node: SyntaxNode): boolean {
  return node.kind.startsWith('Item:');
}

export function isTypeMember(node: SyntaxNode): boolean {
  return /Signature$/.test(node.kind);
}

export function isStatement(node: SyntaxNode): boolean {
  return /(Statement|Declaration)$/.test(node.kind) && node.kind !== 'Item:EmptyStatement';
}

/** Joins merged items: separators stand exactly where the list needs them, a trailing or leading one as the sides want it. */
export function joinItems(items: readonly MergedItem[], list: Three<SyntaxNode>): Outcome {
  const separator = list.base.list?.separator ?? '';
  const wanted = { trailing: wantsEnd(list, 'trailing'), leading: wantsEnd(list, 'leading') };
  return concat(
    items.flatMap((item, i) => {
      const last = i === items.length - 1;
      const lead = separator === '' && i > 0 ? onOwnLine(item) : (item.lead ?? text());
      const tail = closed(item.tail ?? text(), items[i + 1], list.base.text);
      if (separator === '|') return [lead, withBar(item, i > 0 || wanted.leading), tail];
      if (separator === ',') return [lead, item.core, text(comma(item, !last || wanted.trailing)), tail];
      return [lead, item.core, text(memberEnd(item, items[i + 1])), tail];
    }),
  );
}

/** A comment up to the line's end that would swallow the next item is followed by a line break of the list's own. */
function closed(tail: Outcome, next: MergedItem | undefined, list: string): Outcome {
  const isOpen = settledText(tail).includes('//') && next?.lead !== undefined && !settledText(next.lead).includes('\n');
  return isOpen ? concat([tail, text(/\n[ \t]*/.exec(list)?.[0] ?? '\n')]) : tail;
}

/** A statement that used to be the first of its file gets a line break before it. */
function onOwnLine(item: MergedItem): Outcome {
  const lead = item.lead ?? text();
  return item.statement === true && settledText(lead) === '' && isSettled(lead) ? text('\n') : lead;
}

/** A member of a type that ended its list without a mark needs one when another follows on its line. */
function memberEnd(item: MergedItem, next: MergedItem | undefined): string {
  const end = item.core.pieces.at(-1);
  if (!next || item.member !== true || typeof end !== 'string' || /[;,]\s*$/.test(end)) return '';
  return /\n/.test(next.lead ? settledText(next.lead) : '\n') ? '' : ';';
}

function comma(item: MergedItem, wanted: boolean): string {
  if (!item.after) {
    const end = item.core.pieces.at(-1);
    return !wanted || end === undefined || isConflict(end) || end.trimEnd().endsWith(',') ? '' : ',';
  }
  const present = tokenOf(item.after) === ',';
  if (wanted) return present ? item.after.text : `,${item.after.text}`;
  return item.after.lead;
}

function withBar(item: MergedItem, wanted: boolean): Outcome {
  const present = item.before !== undefined && tokenOf(item.before) === '|';
  if (wanted === present) return present ? concat([text(item.before?.text ?? ''), item.core]) : item.core;
  if (wanted) return concat([text('| '), item.core]);
  const [start, ...rest] = item.core.pieces;
  return typeof start === 'string' ? { ...item.core, pieces: [start.trimStart(), ...rest] } : item.core;
}

function wantsEnd(list: Three<SyntaxNode>, end: 'leading' | 'trailing'): boolean {
  const has = (node: SyntaxNode): boolean => {
    const item = end === 'trailing' ? node.children.at(-1) : node.children[0];
    return item?.children[end === 'trailing' ? 3 : 1]?.kind === 'Separator';
  };
  const [base, ours, theirs] = [has(list.base), has(list.ours), has(list.theirs)];
  return ours === base ? theirs : ours;
}
