import type { Chunk } from '../text/diff3.ts';
import { itemOf } from './separators.ts';
import type { MergedItem } from './separators.ts';
import type { Lists } from './items.ts';
import type { SyntaxNode } from './node.ts';

/** Base items `[from, to)` that one side replaced by others; an insertion where `from` is `to`. */
interface Hunk {
  readonly from: number;
  readonly to: number;
  readonly items: readonly SyntaxNode[];
}

/**
 * Both sides changed neighbours without touching the same item: each change takes its place. Undefined where one side
 * inserted in the midst of what the other replaced, or both inserted at one place.
 */
export function mergeAdjoining(lists: Lists, chunk: Chunk): MergedItem[] | undefined {
  const ours = hunksOf(lists, chunk, 'ours');
  const theirs = hunksOf(lists, chunk, 'theirs');
  if (!ours || !theirs || ours.some((one) => theirs.some((two) => overlap(one, two) || repeat(one, two))))
    return undefined;
  const { list } = lists.list.base;
  if (!list || list.growing === true) return undefined;
  // What an argument or parameter means follows from how many stand before it.
  if (list.separator === ',' && !list.free && changesCount(ours) && changesCount(theirs)) return undefined;
  const inOrder = [...ours, ...theirs].toSorted((a, b) => a.from - b.from || a.to - b.to);
  return inOrder.flatMap((hunk) => hunk.items.map(itemOf));
}

/** Both sides wrote the same item, or two of one name. */
function repeat(a: Hunk, b: Hunk): boolean {
  const isSame = (one: SyntaxNode, two: SyntaxNode): boolean =>
    one.size > 0 && (one.hash === two.hash || (one.key !== undefined && one.key === two.key));
  return a.items.some((one) => b.items.some((two) => isSame(one, two)));
}

function changesCount(hunks: readonly Hunk[]): boolean {
  return hunks.some(({ from, to, items }) => items.length !== to - from);
}

/** Undefined where an item changed its place. */
function hunksOf({ three, toOurs, toTheirs }: Lists, chunk: Chunk, side: 'ours' | 'theirs'): Hunk[] | undefined {
  const { inOrder, moved } = side === 'ours' ? toOurs : toTheirs;
  const arrived = new Set(moved);
  const [start, end] = chunk[side];
  const hunks: Hunk[] = [];
  let base = chunk.base[0];
  let at = start;
  const close = (to: number, until: number): void => {
    if (to > base || until > at) hunks.push({ from: base, to, items: three[side].slice(at, until) });
  };
  for (let i = chunk.base[0]; i < chunk.base[1]; i++) {
    if (moved[i]! >= 0) return undefined;
    const partner = inOrder[i]!;
    if (partner < at) continue;
    close(i, partner);
    base = i + 1;
    at = partner + 1;
  }
  close(chunk.base[1], end);
  for (let i = start; i < end; i++) if (arrived.has(i)) return undefined;
  return hunks;
}

function overlap(a: Hunk, b: Hunk): boolean {
  if (a.from === a.to && b.from === b.to) return a.from === b.from;
  return a.from < b.to && b.from < a.to;
}
