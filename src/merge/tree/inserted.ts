import { likeness } from './align.ts';
import { keepsComments } from './comments.ts';
import type { Chunk } from '../text/diff3.ts';
import { mergeItem, mergeMoved, partnerOf } from './items.ts';
import type { Lists } from './items.ts';
import { partners } from '../text/diff.ts';
import { commonFrame } from './unite.ts';
import type { SyntaxNode } from './node.ts';
import { isSettled } from './outcome.ts';
import type { Step } from './outcome.ts';
import type { MergedItem } from './separators.ts';

/** What one chunk shows: items gone from one side and items new on one side. */
export interface Change {
  readonly base: readonly SyntaxNode[];
  readonly ours: readonly SyntaxNode[];
  readonly theirs: readonly SyntaxNode[];
  /** Base items that one side deleted while the other changed them. */
  readonly contested: boolean;
  readonly goneFromBoth: number;
  readonly gone: number;
  /** The same place of each side with its neighbours: shows whether a list is kept by the alphabet there. */
  readonly around: { readonly ours: readonly SyntaxNode[]; readonly theirs: readonly SyntaxNode[] };
}

/** So many neighbours above and below must stand by the alphabet too. */
const NEIGHBOURS = 2;

/** So many tokens make a statement that is hardly written alike by chance. */
const LONG = 12;

/** Reads a chunk: what is new, what is gone, and whether a deletion meets an edit. */
export function changeOf(lists: Lists, chunk: Chunk): Change {
  const { three, toOurs, toTheirs } = lists;
  let contested = false;
  let goneFromBoth = 0;
  let gone = 0;
  for (let i = chunk.base[0]; i < chunk.base[1]; i++) {
    const ours = partnerOf(toOurs, three.ours, i);
    const theirs = partnerOf(toTheirs, three.theirs, i);
    if (!ours || !theirs) gone++;
    if (!ours && !theirs) goneFromBoth++;
    const kept = ours && theirs ? undefined : (ours ?? theirs);
    if (kept && kept.hash !== three.base[i]?.hash) contested = true;
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
    around: { ours: around(three.ours, chunk.ours), theirs: around(three.theirs, chunk.theirs) },
  };
}

function around(items: readonly SyntaxNode[], [from, to]: readonly [number, number]): readonly SyntaxNode[] {
  return items.slice(Math.max(0, from - NEIGHBOURS), to + NEIGHBOURS);
}

/** The new items of both sides, ours first; undefined when their order or their being together could matter. */
export function mergeInserted(lists: Lists, change: Change): MergedItem[] | undefined {
  const { list } = lists;
  const twins = twinsOf(lists, change);
  if (!twins) return undefined;
  const emit = (items: readonly SyntaxNode[]): MergedItem[] =>
    items.map((item) => twins.get(item) ?? mergeMoved(lists, item));
  const all = [...change.ours, ...change.theirs];
  const free = list.base.list?.free === true || all.every((item) => item.free || item.key?.startsWith('call '));
  const size = Math.max(0, ...all.map((item) => item.size));
  if (change.ours.length === 0 || change.theirs.length === 0) {
    return !free && change.goneFromBoth > 0 && all.length > 0 ? undefined : emit(all);
  }
  if (!list.base.list || (!free && change.gone > 0)) return undefined;
  const wider = widerSide(change);
  if (wider) return noted(emit(wider), { rule: 'contained', size });
  const news = change.theirs.filter(
    (theirs) => !change.ours.some((ours) => isSame(ours, theirs) || (twins.has(ours) && ours.key === theirs.key)),
  );
  const mine = change.ours.map((ours) => fuller(ours, change.theirs));
  if (!mine.every((item) => item !== undefined)) return undefined;
  const sorted = list.base.list.separator === ',' ? inOrder({ ...change, ours: mine }, news) : undefined;
  const together = (rule: 'both-added' | 'both-inserted'): MergedItem[] =>
    sorted ? noted(emit(sorted), { rule, size }) : [...emit(mine), ...noted(emit(news), { rule, size })];
  if (free) return together('both-added');
  // Two arguments or parameters at one place: their order is their meaning.
  const grows = list.base.list.separator === '' || list.base.list.growing === true;
  if (!grows) return undefined;
  if (news.length === change.theirs.length) return together('both-inserted');
  const woven = weave(mine, change.theirs);
  return woven && noted(emit(woven), { rule: 'both-inserted', size });
}

/** Both sequences in one, what they share once, ours first between; undefined where they share something in another order. */
function weave(ours: readonly SyntaxNode[], theirs: readonly SyntaxNode[]): readonly SyntaxNode[] | undefined {
  const partner = partners(
    ours.map((item) => item.hash),
    theirs.map((item) => item.hash),
  );
  const shared = new Set(partner);
  const own = theirs.filter((_, i) => !shared.has(i));
  const isTwice = own.some((item) => ours.some((one) => isSame(one, item) || isRewrite(one, item)));
  if (isTwice) return undefined;
  const woven: SyntaxNode[] = [];
  let at = 0;
  ours.forEach((item, i) => {
    const to = partner[i]!;
    if (to >= 0) {
      woven.push(...theirs.slice(at, to));
      at = to + 1;
    }
    woven.push(item);
  });
  return [...woven, ...theirs.slice(at)];
}

/** The new items of both sides among each other by the alphabet, where both sides keep their lists so. */
function inOrder({ ours, around }: Change, news: readonly SyntaxNode[]): readonly SyntaxNode[] | undefined {
  const isSorted = (items: readonly SyntaxNode[]): boolean =>
    items.length > NEIGHBOURS && items.every((item, i) => i === 0 || label(items[i - 1]!) <= label(item));
  if (!isSorted(around.ours) || !isSorted(around.theirs)) return undefined;
  return [...ours, ...news].toSorted((a, b) => (label(a) < label(b) ? -1 : 1));
}

/** What a reader sorts an item by: its name, else its text. */
function label(item: SyntaxNode): string {
  return item.key ?? item.text.trim();
}

function isSame(a: SyntaxNode, b: SyntaxNode): boolean {
  return a.hash === b.hash && a.size > 0;
}

/** Two versions of one longer statement rather than two statements. */
function isRewrite(a: SyntaxNode, b: SyntaxNode): boolean {
  return a.hash !== b.hash && Math.min(a.size, b.size) >= LONG && likeness(a, b, new Map()) >= 0.5;
}

/** The item, or its twin of the other side where that has more comments; undefined where each has one that the other lacks. */
function fuller(item: SyntaxNode, others: readonly SyntaxNode[]): SyntaxNode | undefined {
  const twin = others.find((other) => isSame(item, other));
  if (!twin || keepsComments([item], [twin], [])) return item;
  return keepsComments([twin], [item], []) ? twin : undefined;
}

/** The side whose new items include the other's in the same order, each with the comments of both. */
function widerSide({ ours, theirs }: Change): readonly SyntaxNode[] | undefined {
  const [wide, narrow] = includesInOrder(ours, theirs) ? [ours, theirs] : [theirs, ours];
  if (!includesInOrder(wide, narrow)) return undefined;
  const items = wide.flatMap((item) => fuller(item, narrow) ?? []);
  return items.length === wide.length ? items : undefined;
}

function includesInOrder(wide: readonly SyntaxNode[], narrow: readonly SyntaxNode[]): boolean {
  let found = 0;
  for (const item of wide) if (found < narrow.length && isSame(item, narrow[found]!)) found++;
  return found === narrow.length;
}

/**
 * What both sides added under one name, merged member by member where only order-free members differ, for the item of ours;
 * undefined where the same name has different content.
 */
function twinsOf({ three, merging }: Lists, change: Change): ReadonlyMap<SyntaxNode, MergedItem> | undefined {
  const twins = new Map<SyntaxNode, MergedItem>();
  for (const ours of change.ours) {
    if (ours.key === undefined || three.base.some((item) => item.key === ours.key)) continue;
    const others = three.theirs.filter((item) => item.key === ours.key);
    if (others.every((theirs) => theirs.hash === ours.hash)) continue;
    const [theirs] = others;
    const base = theirs && commonFrame(ours, theirs, merging.interner);
    if (!base || others.length > 1 || !change.theirs.includes(theirs)) return undefined;
    const merged = mergeItem({ base, ours, theirs }, merging);
    if (!isSettled(merged.core)) return undefined;
    twins.set(ours, merged);
  }
  return twins;
}

/** The items, with a step noted at the first. */
export function noted(items: readonly MergedItem[], step: Step): MergedItem[] {
  return items.map((item, i) =>
    i === 0 ? { ...item, core: { ...item.core, steps: [...item.core.steps, step] } } : item,
  );
}
