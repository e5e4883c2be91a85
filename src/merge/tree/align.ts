import { partners } from '../text/diff.ts';
import { wordsOf } from '../text/words.ts';
import type { Interner, SyntaxNode } from './node.ts';

/** Which items of two versions of a list are the same item. */
export interface Alignment {
  /** For each left item its partner in the right list, or -1; these rise. */
  readonly inOrder: Int32Array;
  /** Partners that changed place: the left item's partner, or -1. */
  readonly moved: Int32Array;
}

/** Below this share of common tokens two items of the same kind are different items. */
const ALIKE = 0.5;

/**
 * Aligns two lists: by name where names are unique, by equal content, then by likeness between what is aligned already
 * (which finds renamed items by their body).
 */
export function align(left: readonly SyntaxNode[], right: readonly SyntaxNode[], interner: Interner): Alignment {
  const shared = sharedKeys(left, right);
  const symbol = (item: SyntaxNode): number =>
    item.key !== undefined && shared.has(item.key) ? interner.id(`key ${item.key}`) : interner.id(`hash ${item.hash}`);
  const inOrder = partnersBy(left, right, symbol);
  const moved = movedItems(left, right, { shared, inOrder });
  pairAlike(left, right, { inOrder, moved });
  return { inOrder, moved };
}

/** Partners by symbol; items that stand alike at both ends are known by their text, since a symbol may take reading all tokens. */
function partnersBy(
  left: readonly SyntaxNode[],
  right: readonly SyntaxNode[],
  symbol: (item: SyntaxNode) => number,
): Int32Array {
  const isSame = (a: SyntaxNode, b: SyntaxNode): boolean =>
    (a.text === b.text && a.kind === b.kind && a.key === b.key) || symbol(a) === symbol(b);
  const shorter = Math.min(left.length, right.length);
  let head = 0;
  while (head < shorter && isSame(left[head]!, right[head]!)) head++;
  let tail = 0;
  while (tail < shorter - head && isSame(left[left.length - 1 - tail]!, right[right.length - 1 - tail]!)) tail++;
  const middle = (items: readonly SyntaxNode[]): number[] => items.slice(head, items.length - tail).map(symbol);
  const between = partners(middle(left), middle(right));
  return Int32Array.from(left, (_, at) => {
    if (at < head) return at;
    if (at >= left.length - tail) return at + right.length - left.length;
    const partner = between[at - head]!;
    return partner < 0 ? -1 : partner + head;
  });
}

function uniqueKeys(items: readonly SyntaxNode[]): Map<string, number> {
  const at = new Map<string, number>();
  items.forEach((item, index) => {
    if (item.key !== undefined) at.set(item.key, at.has(item.key) ? -1 : index);
  });
  return at;
}

function sharedKeys(left: readonly SyntaxNode[], right: readonly SyntaxNode[]): Map<string, number> {
  const inLeft = uniqueKeys(left);
  const shared = new Map<string, number>();
  for (const [key, at] of uniqueKeys(right)) if (at >= 0 && (inLeft.get(key) ?? -1) >= 0) shared.set(key, at);
  return shared;
}

function movedItems(
  left: readonly SyntaxNode[],
  right: readonly SyntaxNode[],
  known: { shared: Map<string, number>; inOrder: Int32Array },
): Int32Array {
  const taken = new Set(known.inOrder);
  return Int32Array.from(left, (item, index) => {
    if (known.inOrder[index]! >= 0 || item.key === undefined) return -1;
    const at = known.shared.get(item.key) ?? -1;
    return at >= 0 && !taken.has(at) && right[at]!.kind === item.kind ? at : -1;
  });
}

/** Pairs what is left between two aligned items, when kinds are equal and enough tokens are. Changes `inOrder`. */
function pairAlike(left: readonly SyntaxNode[], right: readonly SyntaxNode[], known: Alignment): void {
  const movedTo = new Set(known.moved);
  let l0 = 0;
  let r0 = 0;
  for (let l1 = 0; l1 <= left.length; l1++) {
    const r1 = l1 === left.length ? right.length : known.inOrder[l1]!;
    if (r1 < 0) continue;
    const open = (item: SyntaxNode, at: number, moved: (at: number) => boolean): boolean =>
      !moved(at) && /\S/.test(item.text);
    const lefts = range(l0, l1).filter((at) => open(left[at]!, at, (i) => known.moved[i]! >= 0));
    const rights = range(r0, r1).filter((at) => open(right[at]!, at, (i) => movedTo.has(i)));
    if (lefts.length > 0 && rights.length > 0 && lefts.length * rights.length <= 2_500) {
      const bags: Bags = new Map();
      for (const [a, b] of bestChain(lefts, rights, (a, b) => likeness(left[a]!, right[b]!, bags)))
        known.inOrder[a] = b;
    }
    l0 = l1 + 1;
    r0 = r1 + 1;
  }
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, k) => from + k);
}

/** The rising chain of pairs with the highest sum of likeness. */
function bestChain(
  lefts: readonly number[],
  rights: readonly number[],
  score: (left: number, right: number) => number,
): readonly (readonly [number, number])[] {
  const width = rights.length + 1;
  const best = new Float64Array((lefts.length + 1) * width);
  const scores = new Float64Array(lefts.length * rights.length);
  for (let i = lefts.length - 1; i >= 0; i--) {
    for (let j = rights.length - 1; j >= 0; j--) {
      const pair = score(lefts[i]!, rights[j]!);
      scores[i * rights.length + j] = pair;
      const skip = Math.max(best[(i + 1) * width + j]!, best[i * width + j + 1]!);
      best[i * width + j] = pair < ALIKE ? skip : Math.max(skip, pair + best[(i + 1) * width + j + 1]!);
    }
  }
  const chain: (readonly [number, number])[] = [];
  for (let i = 0, j = 0; i < lefts.length && j < rights.length;) {
    const here = best[i * width + j]!;
    const pair = scores[i * rights.length + j]!;
    if (pair >= ALIKE && here === pair + best[(i + 1) * width + j + 1]!) {
      chain.push([lefts[i]!, rights[j]!]);
      i++;
      j++;
    } else if (here === best[(i + 1) * width + j]!) i++;
    else j++;
  }
  return chain;
}

/** How often each word and mark stands in a text; `total` of them. */
interface Bag {
  readonly counts: ReadonlyMap<string, number>;
  readonly total: number;
}

/** The words of nodes that are compared more than once. */
export type Bags = Map<SyntaxNode, Bag>;

/** Share of words that two nodes of one kind have in common (Dice's coefficient over bags), 0 for different kinds. */
export function likeness(left: SyntaxNode, right: SyntaxNode, bags: Bags): number {
  if (left.kind !== right.kind) return 0;
  if (left.text === right.text) return 1;
  const [a, b] = [bagOf(left, bags), bagOf(right, bags)];
  if (a.total > 4 * b.total || b.total > 4 * a.total) return 0;
  let common = 0;
  // Not by pairs of an iterator: lists are compared each with each, and every pair would be an object.
  a.counts.forEach((count, word) => (common += Math.min(count, b.counts.get(word) ?? 0)));
  return (2 * common) / (a.total + b.total);
}

/** Read from the text: taking a node apart that is compared once costs ten times as much. */
function bagOf(node: SyntaxNode, bags: Bags): Bag {
  const known = bags.get(node);
  if (known) return known;
  const counts = new Map<string, number>();
  let total = 0;
  for (const word of wordsOf(node.text)) {
    if (word === ';' || word === ',') continue;
    counts.set(word, (counts.get(word) ?? 0) + 1);
    total++;
  }
  const bag = { counts, total };
  bags.set(node, bag);
  return bag;
}
