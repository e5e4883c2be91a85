import { keepsComments, sameCode } from './comments.ts';
import { mergeList } from './list.ts';
import type { Merging } from './items.ts';
import { isLeaf, tokenOf } from './node.ts';
import type { Interner, SyntaxNode } from './node.ts';
import { concat, conflict, hasUntried, isSettled, text, tried } from './outcome.ts';
import type { Outcome, Step } from './outcome.ts';
import { mergeTokens } from './tokens.ts';
import { each } from './three.ts';
import type { Three } from './three.ts';
import { higherVersion } from './version.ts';
import { mergeLines, mergeTrivia } from './trivia.ts';

/** Merges three versions of one node: what only one side changed is taken, what both changed is merged further inside. */
export function mergeNode(three: Three<SyntaxNode>, interner: Interner): Outcome {
  const { base, ours, theirs } = three;
  if (ours.text === theirs.text || theirs.text === base.text) return text(ours.text);
  if (ours.text === base.text) return text(theirs.text);
  const merged = mergeInside(three, interner);
  if (isSettled(merged)) return merged;
  const same = sameTokens(three, interner);
  if (same || isLeaf(base) || !hasUntried(merged)) return same ?? merged;
  const tokens = mergeTokens(
    each(three, (node) => [node]),
    interner,
  );
  return tokens ?? tried(merged);
}

function mergeInside(three: Three<SyntaxNode>, interner: Interner): Outcome {
  const { base, ours, theirs } = three;
  if (isLeaf(base) && isLeaf(ours) && isLeaf(theirs)) return mergeLeaf(three, interner);
  if (base.list && ours.list && theirs.list) return mergeList(three, merging(interner));
  if (sameShape(base, ours) && sameShape(base, theirs)) {
    const merged = base.children.map((child, i) =>
      mergeNode({ base: child, ours: ours.children[i]!, theirs: theirs.children[i]! }, interner),
    );
    return concat(merged, besideStep(three));
  }
  const isApart = [base, ours, theirs].every((node) => !isLeaf(node) || node.text === '');
  if (isApart && base.kind === ours.kind && base.kind === theirs.kind && !base.list)
    return mergeList(three, merging(interner));
  return left(three, 'both sides rewrote it');
}

function left(three: Three<SyntaxNode>, cause: string): Outcome {
  return conflict(
    each(three, (node) => [node]),
    cause,
  );
}

function sameShape(a: SyntaxNode, b: SyntaxNode): boolean {
  if (a.kind !== b.kind || a.children.length !== b.children.length || a.list || b.list) return false;
  return a.children.every((child, i) => child.kind === b.children[i]!.kind || isLeaf(child) === isLeaf(b.children[i]!));
}

/** Noted where both sides changed one expression or statement in different parts; the size is that of the parts. */
function besideStep({ base, ours, theirs }: Three<SyntaxNode>): Step[] {
  // Texts first: the hash of a part reads all of its tokens.
  const onlyIn = (side: SyntaxNode, other: SyntaxNode): number[] =>
    base.children.flatMap((child, i) => {
      const isOnly = side.children[i]!.text !== child.text && other.children[i]!.text === child.text;
      return isOnly && side.children[i]!.hash !== child.hash ? [i] : [];
    });
  const onlyOurs = onlyIn(ours, theirs);
  const onlyTheirs = onlyOurs.length === 0 ? [] : onlyIn(theirs, ours);
  if (onlyOurs.length === 0 || onlyTheirs.length === 0) return [];
  const size = (side: SyntaxNode, list: number[]): number => list.reduce((sum, i) => sum + side.children[i]!.size, 0);
  return [{ rule: 'beside', size: Math.max(size(ours, onlyOurs), size(theirs, onlyTheirs)) }];
}

/** One side changed nothing but space, comments, quotes or semicolons: the other side's code stands, if no comment goes with it. */
function sameTokens(three: Three<SyntaxNode>, interner: Interner): Outcome | undefined {
  const { base, ours, theirs } = three;
  const taken = (side: SyntaxNode, other: SyntaxNode, rule: Step['rule']): Outcome | undefined =>
    keepsComments([side], [other], [base]) ? { pieces: [side.text], steps: [{ rule, size: ours.size }] } : undefined;
  if (ours.hash === theirs.hash) {
    // Optional brackets that one side alone set or took away are its doing.
    const [first, second] = ours.size === base.size && theirs.size !== base.size ? [theirs, ours] : [ours, theirs];
    const either = taken(first, second, 'same-code') ?? taken(second, first, 'same-code');
    const both = either ?? sameCode(three, interner);
    return typeof both === 'string' ? { pieces: [both], steps: [{ rule: 'same-code', size: ours.size }] } : both;
  }
  if (ours.hash === base.hash) return taken(theirs, ours, 'format');
  if (theirs.hash === base.hash) return taken(ours, theirs, 'format');
  return undefined;
}

function mergeLeaf(three: Three<SyntaxNode>, interner: Interner): Outcome {
  const lead = mergeTrivia(
    each(three, (leaf) => leaf.lead),
    interner,
  );
  if (lead === undefined) return left(three, 'both sides changed the same comment');
  const { base, ours, theirs } = three;
  if (theirs.hash === base.hash || ours.hash === theirs.hash) return text(lead + tokenOf(ours));
  if (ours.hash === base.hash) return text(lead + tokenOf(theirs));
  const version = higherVersion(each(three, tokenOf));
  if (version !== undefined) return { pieces: [lead + version], steps: [{ rule: 'version', size: 1 }] };
  const inside = mergeLines(each(three, tokenOf), interner);
  if (inside !== undefined) return { pieces: [lead + inside], steps: [{ rule: 'text-lines', size: 1 }] };
  return left(three, 'both sides changed the same token');
}

/** What lists need to merge their items further inside. */
export function merging(interner: Interner): Merging {
  return { interner, mergeNode: (three) => mergeNode(three, interner) };
}
