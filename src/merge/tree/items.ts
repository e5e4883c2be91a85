import type { Chunk } from '../text/diff3.ts';
import type { Alignment } from './align.ts';
import type { Interner, SyntaxNode } from './node.ts';
import { within } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import { isItem, isStatement, isTypeMember, itemOf } from './separators.ts';
import type { MergedItem } from './separators.ts';
import { each } from './three.ts';
import type { Three } from './three.ts';

/** How items are merged further inside. */
export interface Merging {
  readonly interner: Interner;
  mergeNode(three: Three<SyntaxNode>): Outcome;
}

/** Three versions of a list and which items are the same. */
export interface Lists {
  readonly three: Three<readonly SyntaxNode[]>;
  readonly list: Three<SyntaxNode>;
  readonly toOurs: Alignment;
  readonly toTheirs: Alignment;
  readonly merging: Merging;
}

/** Items that stand in all three versions, in order. */
export function sameItems({ three, merging }: Lists, chunk: Chunk): MergedItem[] {
  return Array.from({ length: chunk.base[1] - chunk.base[0] }, (_, k) =>
    mergeItem(
      {
        base: three.base[chunk.base[0] + k]!,
        ours: three.ours[chunk.ours[0] + k]!,
        theirs: three.theirs[chunk.theirs[0] + k]!,
      },
      merging,
    ),
  );
}

/** Merges one item; its separators stay apart, since they follow from its final place. */
export function mergeItem(three: Three<SyntaxNode>, merging: Merging): MergedItem {
  const { base, ours, theirs } = three;
  if (!isItem(base) || !isItem(ours) || !isItem(theirs)) return { core: merging.mergeNode(three) };
  const child = (i: number): Outcome => merging.mergeNode(each(three, (node) => node.children[i]!));
  const keeper = theirs.children[3]!.text === base.children[3]!.text ? ours : theirs;
  return {
    lead: child(0),
    before: keeper.children[1]!,
    core: within(child(2), ours.key),
    after: keeper.children[3]!,
    tail: child(4),
    statement: isStatement(ours),
    member: isTypeMember(ours),
  };
}

/** The same item in another version, in its place or moved. */
export function partnerOf(alignment: Alignment, items: readonly SyntaxNode[], index: number): SyntaxNode | undefined {
  const at = alignment.inOrder[index]! >= 0 ? alignment.inOrder[index]! : alignment.moved[index]!;
  return at >= 0 ? items[at] : undefined;
}

/** An item that moved carries the other side's edits to its new place. */
export function mergeMoved(lists: Lists, item: SyntaxNode): MergedItem {
  const { three, toOurs, toTheirs, merging } = lists;
  for (let i = 0; i < three.base.length; i++) {
    const ours = partnerOf(toOurs, three.ours, i);
    const theirs = partnerOf(toTheirs, three.theirs, i);
    if (ours && theirs && (ours === item || theirs === item))
      return mergeItem({ base: three.base[i]!, ours, theirs }, merging);
  }
  return itemOf(item);
}
