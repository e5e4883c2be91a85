import { mergeList } from './list.ts';
import { isLeaf, tokenOf } from './node.ts';
import type { Interner, SyntaxNode } from './node.ts';
import { concat, isSettled, text } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import { mergeTokens } from './tokens.ts';
import type { Three } from './tokens.ts';
import { mergeLines, mergeTrivia } from './trivia.ts';

/** Merges three versions of one node: what only one side changed is taken, what both changed is merged further inside. */
export function mergeNode(three: Three<SyntaxNode>, interner: Interner): Outcome {
  const { base, ours, theirs } = three;
  if (ours.text === theirs.text || theirs.text === base.text) return text(ours.text);
  if (ours.text === base.text) return text(theirs.text);
  const merged = mergeInside(three, interner);
  if (isSettled(merged)) return merged;
  return (
    sameTokens(three) ??
    mergeTokens(
      each(three, (node) => [node]),
      interner,
    ) ??
    merged
  );
}

function mergeInside(three: Three<SyntaxNode>, interner: Interner): Outcome {
  const { base, ours, theirs } = three;
  if (isLeaf(base) && isLeaf(ours) && isLeaf(theirs)) return mergeLeaf(three, interner);
  if (base.list && ours.list && theirs.list) return mergeList(three, interner);
  if (sameShape(base, ours) && sameShape(base, theirs)) {
    return concat(
      base.children.map((child, i) =>
        mergeNode({ base: child, ours: ours.children[i]!, theirs: theirs.children[i]! }, interner),
      ),
    );
  }
  if (base.kind === ours.kind && base.kind === theirs.kind && !base.list) return mergeList(three, interner);
  return conflict(three, 'both sides rewrote it');
}

function sameShape(a: SyntaxNode, b: SyntaxNode): boolean {
  if (a.kind !== b.kind || a.children.length !== b.children.length || a.list || b.list) return false;
  return a.children.every((child, i) => child.kind === b.children[i]!.kind || isLeaf(child) === isLeaf(b.children[i]!));
}

/** One side changed nothing but space, comments, quotes or semicolons: the other side's code stands. */
function sameTokens({ base, ours, theirs }: Three<SyntaxNode>): Outcome | undefined {
  if (ours.hash === theirs.hash) return { pieces: [ours.text], steps: [{ rule: 'same-code', size: ours.size }] };
  if (ours.hash === base.hash) return { pieces: [theirs.text], steps: [{ rule: 'format', size: ours.size }] };
  if (theirs.hash === base.hash) return { pieces: [ours.text], steps: [{ rule: 'format', size: ours.size }] };
  return undefined;
}

function mergeLeaf(three: Three<SyntaxNode>, interner: Interner): Outcome {
  const lead = mergeTrivia(
    each(three, (leaf) => leaf.lead),
    interner,
  );
  if (lead === undefined) return conflict(three, 'both sides changed the same comment');
  const { base, ours, theirs } = three;
  if (theirs.hash === base.hash || ours.hash === theirs.hash) return text(lead + tokenOf(ours));
  if (ours.hash === base.hash) return text(lead + tokenOf(theirs));
  const inside = mergeLines(each(three, tokenOf), interner);
  if (inside !== undefined) return { pieces: [lead + inside], steps: [{ rule: 'text-lines', size: 1 }] };
  return conflict(three, 'both sides changed the same token');
}

/** The three texts of a place that is left to a person. */
export function conflict(three: Three<{ readonly text: string } | undefined>, cause: string): Outcome {
  const side = (node: { readonly text: string } | undefined): string => node?.text ?? '';
  return { pieces: [{ base: side(three.base), ours: side(three.ours), theirs: side(three.theirs), cause }], steps: [] };
}

export function each<T, U>(three: Three<T>, map: (value: T) => U): Three<U> {
  return { base: map(three.base), ours: map(three.ours), theirs: map(three.theirs) };
}
