import { chunksOf } from '../text/diff3.ts';
import type { Chunk } from '../text/diff3.ts';
import { align } from './align.ts';
import type { Alignment } from './align.ts';
import { conflict, each, mergeNode } from './merge.ts';
import type { Interner, SyntaxNode } from './node.ts';
import type { Outcome, Step } from './outcome.ts';
import { isItem, isStatement, itemOf, joinItems } from './separators.ts';
import type { MergedItem } from './separators.ts';
import { mergeTokens } from './tokens.ts';
import type { Three } from './tokens.ts';

interface Lists {
  readonly three: Three<readonly SyntaxNode[]>;
  readonly list: Three<SyntaxNode>;
  readonly toOurs: Alignment;
  readonly toTheirs: Alignment;
  readonly interner: Interner;
}

/** Merges a list item by item; where both sides inserted at one place, the list's traits decide. */
export function mergeList(list: Three<SyntaxNode>, interner: Interner): Outcome {
  const three = { base: list.base.children, ours: list.ours.children, theirs: list.theirs.children };
  const lists: Lists = {
    three,
    list,
    toOurs: align(three.base, three.ours, interner),
    toTheirs: align(three.base, three.theirs, interner),
    interner,
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

function sameItems({ three, interner }: Lists, chunk: Chunk): MergedItem[] {
  return Array.from({ length: chunk.base[1] - chunk.base[0] }, (_, k) =>
    mergeItem(
      {
        base: three.base[chunk.base[0] + k]!,
        ours: three.ours[chunk.ours[0] + k]!,
        theirs: three.theirs[chunk.theirs[0] + k]!,
      },
      interner,
    ),
  );
}

/** Merges one item; its separators stay apart, since they follow from its final place. */
function mergeItem(three: Three<SyntaxNode>, interner: Interner): MergedItem {
  const { base, ours, theirs } = three;
  if (!isItem(base) || !isItem(ours) || !isItem(theirs)) return { core: mergeNode(three, interner) };
  const child = (i: number): Outcome =>
    mergeNode(
      each(three, (node) => node.children[i]!),
      interner,
    );
  const keeper = theirs.children[3]!.text === base.children[3]!.text ? ours : theirs;
  return {
    lead: child(0),
    before: keeper.children[1]!,
    core: child(2),
    after: keeper.children[3]!,
    tail: child(4),
    statement: isStatement(ours),
  };
}

/** What one chunk shows: items gone from one side and items new on one side. */
interface Change {
  readonly base: readonly SyntaxNode[];
  readonly ours: readonly SyntaxNode[];
  readonly theirs: readonly SyntaxNode[];
  /** Base items that one side deleted while the other changed them. */
  readonly contested: boolean;
  readonly goneFromBoth: number;
  readonly gone: number;
}

function changedItems(lists: Lists, chunk: Chunk): MergedItem[] {
  const { three, interner } = lists;
  const range = {
    base: three.base.slice(...chunk.base),
    ours: three.ours.slice(...chunk.ours),
    theirs: three.theirs.slice(...chunk.theirs),
  };
  const change = changeOf(lists, chunk);
  if (!change.contested) {
    const both = mergeInserted(lists, change);
    if (both) return both;
  }
  const same = sameSequence(range);
  if (same) return same;
  const tokens = mergeTokens(range, interner);
  if (tokens) return [{ core: tokens }];
  const cause = change.contested ? 'one side deleted what the other changed' : 'both sides changed the same place';
  const joined = (nodes: readonly SyntaxNode[]): { text: string } => ({
    text: nodes.map((node) => node.text).join(''),
  });
  return [{ core: conflict(each(range, joined), cause) }];
}

/** Both lists say the same, or one says what the base said. */
function sameSequence(range: Three<readonly SyntaxNode[]>): MergedItem[] | undefined {
  const code = (nodes: readonly SyntaxNode[]): string => nodes.map((node) => node.hash).join(' ');
  const take = (nodes: readonly SyntaxNode[]): MergedItem[] => nodes.map(itemOf);
  if (code(range.ours) === code(range.theirs)) return take(range.ours);
  if (code(range.ours) === code(range.base)) return take(range.theirs);
  return code(range.theirs) === code(range.base) ? take(range.ours) : undefined;
}

function changeOf(lists: Lists, chunk: Chunk): Change {
  const { three, toOurs, toTheirs } = lists;
  let contested = false;
  let goneFromBoth = 0;
  let gone = 0;
  for (let i = chunk.base[0]; i < chunk.base[1]; i++) {
    const ours = partnerOf(toOurs, three.ours, i);
    const theirs = partnerOf(toTheirs, three.theirs, i);
    if (!ours || !theirs) gone++;
    if (!ours && !theirs) goneFromBoth++;
    else if ((!ours && theirs!.hash !== three.base[i]!.hash) || (!theirs && ours!.hash !== three.base[i]!.hash))
      contested = true;
  }
  const oldOurs = new Set(toOurs.inOrder);
  const oldTheirs = new Set(toTheirs.inOrder);
  return {
    base: three.base.slice(...chunk.base),
    ours: three.ours.slice(...chunk.ours).filter((_, k) => !oldOurs.has(chunk.ours[0] + k)),
    theirs: three.theirs.slice(...chunk.theirs).filter((_, k) => !oldTheirs.has(chunk.theirs[0] + k)),
    contested,
    goneFromBoth,
    gone,
  };
}

function partnerOf(alignment: Alignment, items: readonly SyntaxNode[], index: number): SyntaxNode | undefined {
  const at = alignment.inOrder[index]! >= 0 ? alignment.inOrder[index]! : alignment.moved[index]!;
  return at >= 0 ? items[at] : undefined;
}

/** The new items of both sides, ours first; undefined when their order or their being together could matter. */
function mergeInserted(lists: Lists, change: Change): MergedItem[] | undefined {
  const { list } = lists;
  const added = dropShared(lists, change);
  if (!added) return undefined;
  const free =
    list.base.list?.free === true ||
    [...added.ours, ...added.theirs].every((item) => item.free || item.key?.startsWith('call '));
  const emit = (items: readonly SyntaxNode[]): MergedItem[] => items.map((item) => mergeMoved(lists, item));
  if (added.ours.length === 0 || added.theirs.length === 0) {
    if (change.gone > 0 && change.goneFromBoth > 0 && !free && added.ours.length + added.theirs.length > 0)
      return undefined;
    return emit([...added.ours, ...added.theirs]);
  }
  if (!list.base.list) return undefined;
  if (!free && change.gone > 0) return undefined;
  const rule = free ? 'both-added' : `both-inserted ${list.base.list.separator}`;
  const size = Math.max(...[...added.ours, ...added.theirs].map((item) => item.size));
  return [...emit(added.ours), ...noted(emit(added.theirs), { rule, size })];
}

/** New items without those that both sides added alike; undefined when both added the same name with different content. */
function dropShared(
  lists: Lists,
  change: Change,
): { ours: readonly SyntaxNode[]; theirs: readonly SyntaxNode[] } | undefined {
  const isSame = (a: SyntaxNode, b: SyntaxNode): boolean => a.hash === b.hash && a.size > 0;
  const clash = (a: SyntaxNode, b: SyntaxNode): boolean => a.key !== undefined && a.key === b.key && a.hash !== b.hash;
  for (const a of change.ours)
    for (const b of lists.three.theirs)
      if (clash(a, b) && !lists.three.base.some((item) => item.key === a.key)) return undefined;
  return { ours: change.ours, theirs: change.theirs.filter((b) => !change.ours.some((a) => isSame(a, b))) };
}

/** The items, with a step noted at the first. */
function noted(items: readonly MergedItem[], step: Step): MergedItem[] {
  return items.map((item, i) =>
    i === 0 ? { ...item, core: { ...item.core, steps: [...item.core.steps, step] } } : item,
  );
}

/** An item that moved carries the other side's edits to its new place. */
function mergeMoved(lists: Lists, item: SyntaxNode): MergedItem {
  const { three, toOurs, toTheirs, interner } = lists;
  for (let i = 0; i < three.base.length; i++) {
    const ours = partnerOf(toOurs, three.ours, i);
    const theirs = partnerOf(toTheirs, three.theirs, i);
    if (ours && theirs && (ours === item || theirs === item))
      return mergeItem({ base: three.base[i]!, ours, theirs }, interner);
  }
  return itemOf(item);
}
