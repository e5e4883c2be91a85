import { chunksOf } from '../text/diff3.ts';
import type { Chunk } from '../text/diff3.ts';
import { align } from './align.ts';
import { keepsComments } from './comments.ts';
import { mergeAdjoining } from './adjoining.ts';
import { changeOf, mergeInserted, noted } from './inserted.ts';
import { sameItems } from './items.ts';
import type { Lists, Merging } from './items.ts';
import type { SyntaxNode } from './node.ts';
import { conflict } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import { itemOf, joinItems } from './separators.ts';
import type { MergedItem } from './separators.ts';
import type { Three } from './three.ts';
import { mergeTokens } from './tokens.ts';

/** Merges a list item by item; where both sides inserted at one place, the list's traits decide. */
export function mergeList(list: Three<SyntaxNode>, merging: Merging): Outcome {
  const three = { base: list.base.children, ours: list.ours.children, theirs: list.theirs.children };
  const lists: Lists = {
    three,
    list,
    toOurs: align(three.base, three.ours, merging.interner),
    toTheirs: align(three.base, three.theirs, merging.interner),
    merging,
  };
  // Items count as equal here when they are the same item; their contents are merged one by one below.
  const chunks = chunksOf(symbols(lists), lists.toOurs.inOrder, lists.toTheirs.inOrder);
  const items = chunks.flatMap((chunk) =>
    chunk.kind === 'same' ? sameItems(lists, chunk) : changedItems(lists, chunk),
  );
  return joinItems(items, list);
}

/** One number per item: items that are the same item share it. */
function symbols({ three, toOurs, toTheirs }: Lists): Three<number[]> {
  const ours = three.ours.map((_, i) => -1 - i);
  const theirs = three.theirs.map((_, i) => -1_000_000 - i);
  three.base.forEach((_, i) => {
    if (toOurs.inOrder[i]! >= 0) ours[toOurs.inOrder[i]!] = i;
    if (toTheirs.inOrder[i]! >= 0) theirs[toTheirs.inOrder[i]!] = i;
  });
  return { base: three.base.map((_, i) => i), ours, theirs };
}

function changedItems(lists: Lists, chunk: Chunk): MergedItem[] {
  const { three, merging } = lists;
  const range = {
    base: three.base.slice(...chunk.base),
    ours: three.ours.slice(...chunk.ours),
    theirs: three.theirs.slice(...chunk.theirs),
  };
  const change = changeOf(lists, chunk);
  if (!change.contested) {
    const both = mergeInserted(lists, change);
    if (both) return both;
    const beside = mergeAdjoining(lists, chunk);
    if (beside) return noted(beside, { rule: 'adjoining', size: beside.length });
  }
  const same = sameSequence(range);
  if (same) return same;
  const tokens = mergeTokens(range, merging.interner);
  if (tokens) return [{ core: tokens }];
  const cause = change.contested ? 'one side deleted what the other changed' : 'both sides changed the same place';
  return [{ core: conflict(range, cause) }];
}

/** Both lists say the same, or one says what the base said; and no comment is lost by taking one of them. */
function sameSequence({ base, ours, theirs }: Three<readonly SyntaxNode[]>): MergedItem[] | undefined {
  const code = (nodes: readonly SyntaxNode[]): string => nodes.map((node) => node.hash).join(' ');
  const take = (side: readonly SyntaxNode[], other: readonly SyntaxNode[]): MergedItem[] | undefined =>
    keepsComments(side, other, base) ? side.map(itemOf) : undefined;
  if (code(ours) === code(theirs)) return take(ours, theirs) ?? take(theirs, ours);
  if (code(ours) === code(base)) return take(theirs, ours);
  return code(theirs) === code(base) ? take(ours, theirs) : undefined;
}
