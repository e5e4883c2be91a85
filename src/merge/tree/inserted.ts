import type { Chunk } from '../text/diff3.ts';
import { mergeMoved, partnerOf } from './items.ts';
import type { Lists } from './items.ts';
import type { SyntaxNode } from './node.ts';
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
}

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
  };
}

/** The new items of both sides, ours first; undefined when their order or their being together could matter. */
export function mergeInserted(lists: Lists, change: Change): MergedItem[] | undefined {
  const { list } = lists;
  if (clash(lists, change)) return undefined;
  const emit = (items: readonly SyntaxNode[]): MergedItem[] => items.map((item) => mergeMoved(lists, item));
  const all = [...change.ours, ...change.theirs];
  const free = list.base.list?.free === true || all.every((item) => item.free || item.key?.startsWith('call '));
  const size = Math.max(0, ...all.map((item) => item.size));
  if (change.ours.length === 0 || change.theirs.length === 0) {
    return !free && change.goneFromBoth > 0 && all.length > 0 ? undefined : emit(all);
  }
  if (!list.base.list || (!free && change.gone > 0)) return undefined;
  const wider = widerSide(change);
  if (wider) return noted(emit(wider), { rule: 'contained', size });
  const news = change.theirs.filter((theirs) => !change.ours.some((ours) => isSame(ours, theirs)));
  if (free) return [...emit(change.ours), ...noted(emit(news), { rule: 'both-added', size })];
  // Two arguments or parameters at one place: their order is their meaning.
  const grows = list.base.list.separator === '' || list.base.list.growing === true;
  if (!grows || news.length < change.theirs.length) return undefined;
  return [...emit(change.ours), ...noted(emit(news), { rule: 'both-inserted', size })];
}

function isSame(a: SyntaxNode, b: SyntaxNode): boolean {
  return a.hash === b.hash && a.size > 0;
}

/** The side whose new items include the other's in the same order. */
function widerSide({ ours, theirs }: Change): readonly SyntaxNode[] | undefined {
  if (includesInOrder(ours, theirs)) return ours;
  return includesInOrder(theirs, ours) ? theirs : undefined;
}

function includesInOrder(wide: readonly SyntaxNode[], narrow: readonly SyntaxNode[]): boolean {
  let found = 0;
  for (const item of wide) if (found < narrow.length && isSame(item, narrow[found]!)) found++;
  return found === narrow.length;
}

/** Both sides added the same name with different content. */
function clash({ three }: Lists, change: Change): boolean {
  return change.ours.some(
    (a) =>
      a.key !== undefined &&
      three.theirs.some((b) => b.key === a.key && b.hash !== a.hash) &&
      !three.base.some((item) => item.key === a.key),
  );
}

/** The items, with a step noted at the first. */
function noted(items: readonly MergedItem[], step: Step): MergedItem[] {
  return items.map((item, i) =>
    i === 0 ? { ...item, core: { ...item.core, steps: [...item.core.steps, step] } } : item,
  );
}
