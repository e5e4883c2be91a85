import { partners } from '../text/diff.ts';
import { leavesOf, tokenOf } from './node.ts';
import type { Interner, SyntaxNode } from './node.ts';
import type { Three } from './three.ts';
import { mergeTrivia } from './trivia.ts';

/** Lines of comments that say something, without their indentation. */
export function commentLines(trivia: string): readonly string[] {
  if (!/\S/.test(trivia)) return [];
  return trivia
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /[\p{L}\p{N}]/u.test(line));
}

/**
 * True when nothing is lost of the comments if `taken` stands for both sides: the other side's are the same, or as they
 * were before, or among those of `taken` without any taken away.
 */
export function keepsComments(
  taken: readonly SyntaxNode[],
  other: readonly SyntaxNode[],
  base: readonly SyntaxNode[],
): boolean {
  const theirs = commentsOf(other);
  const mine = commentsOf(taken);
  const before = commentsOf(base);
  const said = wordsOf(theirs);
  if (said === wordsOf(mine) || said === wordsOf(before)) return true;
  return isWithin(theirs, mine) && isWithin(before, theirs);
}

/**
 * The text of code that both sides wrote alike, with the comments of both merged token by token; undefined where both
 * changed the same comment, or one of the texts has tokens that do not count.
 */
export function sameCode({ base, ours, theirs }: Three<SyntaxNode>, interner: Interner): string | undefined {
  const leaves = { base: leavesOf(base), ours: leavesOf(ours), theirs: leavesOf(theirs) };
  if (leaves.ours.length !== leaves.theirs.length) return undefined;
  const ids = (list: readonly SyntaxNode[]): number[] => list.map((leaf) => leaf.hash);
  const before = partners(ids(leaves.ours), ids(leaves.base));
  let merged = '';
  for (const [i, leaf] of leaves.ours.entries()) {
    const other = leaves.theirs[i]!;
    if (other.hash !== leaf.hash) return undefined;
    const at = before[i]!;
    const leads = { base: at < 0 ? '' : leaves.base[at]!.lead, ours: leaf.lead, theirs: other.lead };
    const lead = mergeTrivia(leads, interner);
    if (lead === undefined) return undefined;
    merged += lead + tokenOf(leaf);
  }
  return merged;
}

function commentsOf(nodes: readonly SyntaxNode[]): readonly string[] {
  return nodes.flatMap((node) => leavesOf(node).flatMap(({ lead }) => commentLines(lead)));
}

/** Where lines break is formatting, in comments too. */
function wordsOf(lines: readonly string[]): string {
  return (lines.join(' ').match(/[\p{L}\p{N}_]+/gu) ?? []).join(' ');
}

function isWithin(narrow: readonly string[], wide: readonly string[]): boolean {
  let found = 0;
  for (const line of wide) if (line === narrow[found]) found++;
  return found === narrow.length;
}
