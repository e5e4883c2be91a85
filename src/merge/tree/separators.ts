import { tokenOf } from './node.ts';
import type { SyntaxNode } from './node.ts';
import { concat, isConflict, text } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import type { Three } from './tokens.ts';

/** A merged item of a list; `before` and `after` are the places of its separators, which depend on where it ends up. */
export interface MergedItem {
  readonly core: Outcome;
  readonly before?: SyntaxNode;
  readonly after?: SyntaxNode;
  readonly tail?: Outcome;
}

/** An item taken from one side as it is. */
export function itemOf(node: SyntaxNode): MergedItem {
  const [before, core, after, tail] = node.children;
  if (!isItem(node) || !before || !core || !after || !tail) return { core: text(node.text) };
  return { before, core: text(core.text), after, tail: text(tail.text) };
}

export function isItem(node: SyntaxNode): boolean {
  return node.kind.startsWith('Item:');
}

/** Joins merged items: separators stand exactly where the list needs them, a trailing or leading one as the sides want it. */
export function joinItems(items: readonly MergedItem[], list: Three<SyntaxNode>): Outcome {
  const separator = list.base.list?.separator ?? '';
  const wanted = { trailing: wantsEnd(list, 'trailing'), leading: wantsEnd(list, 'leading') };
  return concat(
    items.flatMap((item, i) => {
      const first = i === 0;
      const last = i === items.length - 1;
      const barred = separator === '|' ? withBar(item, first ? wanted.leading : true) : item.core;
      if (separator !== ',') return [barred, item.tail ?? text()];
      return [barred, text(comma(item, last ? wanted.trailing : true)), item.tail ?? text()];
    }),
  );
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
  const lead = item.before?.lead ?? '';
  const [start, ...rest] = item.core.pieces;
  if (start === undefined || isConflict(start)) return item.core;
  const trimmed = start.trimStart();
  const space = start.slice(0, start.length - trimmed.length);
  if (wanted && present) return { ...item.core, pieces: [`${lead}|${start}`, ...rest] };
  if (wanted) return { ...item.core, pieces: [`${space || ' '}| ${trimmed}`, ...rest] };
  return { ...item.core, pieces: [`${present ? lead : space}${trimmed}`, ...rest] };
}

function wantsEnd(list: Three<SyntaxNode>, end: 'leading' | 'trailing'): boolean {
  const has = (node: SyntaxNode): boolean => {
    const item = end === 'trailing' ? node.children.at(-1) : node.children[0];
    return item?.children[end === 'trailing' ? 2 : 0]?.kind === 'Separator';
  };
  const [base, ours, theirs] = [has(list.base), has(list.ours), has(list.theirs)];
  return ours === base ? theirs : ours;
}
