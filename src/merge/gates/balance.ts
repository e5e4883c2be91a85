import { commentLines } from '../tree/comments.ts';
import { isLeaf, tokenOf } from '../tree/node.ts';
import type { SyntaxNode } from '../tree/node.ts';
import type { Three } from '../tree/three.ts';

/** Tokens and words of comments that a merge has too few or too many of. */
export interface Imbalance {
  readonly word: string;
  readonly lost: number;
}

/**
 * Nothing inserted by one side is missing, nothing deleted returns, nothing is doubled: for each word the change from base
 * to merge lies between what one side did and what both did together. `isExempt` names the
 * nodes that another rule accounts for, such as imports, which come and go by use.
 */
export function imbalance(
  trees: Three<SyntaxNode>,
  merged: SyntaxNode,
  isExempt: (node: SyntaxNode) => boolean,
): readonly Imbalance[] {
  const rest = withoutCommon([trees.base, trees.ours, trees.theirs, merged], isExempt).map(countWords);
  const [base = none(), ours = none(), theirs = none(), result = none()] = rest;
  const found: Imbalance[] = [];
  for (const word of new Set([...ours.keys(), ...theirs.keys(), ...base.keys(), ...result.keys()])) {
    const before = base.get(word) ?? 0;
    const byOurs = (ours.get(word) ?? 0) - before;
    const byTheirs = (theirs.get(word) ?? 0) - before;
    const change = (result.get(word) ?? 0) - before;
    // A word that is nowhere else is one side's doing alone; any other may have come and gone on both.
    const isOnlyOne = before === 0 && (byOurs === 0 || byTheirs === 0);
    const least = isOnlyOne ? byOurs + byTheirs : Math.min(byOurs, byTheirs, byOurs + byTheirs);
    const most = Math.max(byOurs, byTheirs, byOurs + byTheirs);
    if (change < least) found.push({ word, lost: least - change });
    if (change > most) found.push({ word, lost: most - change });
  }
  return found;
}

type Count = Map<string, number>;

const none = (): Count => new Map();

function countWords(leaves: readonly SyntaxNode[]): Count {
  const counts: Count = new Map();
  const add = (word: string): void => {
    counts.set(word, (counts.get(word) ?? 0) + 1);
  };
  for (const leaf of leaves) {
    const token = tokenOf(leaf);
    // Braces come and go with what they hold, and around a single statement they are formatting.
    if (leaf.size > 0 && !/^[;,{}]$/.test(token)) add(unquoted(token.trim()));
    // Word by word, as comments merge; most of them are in every version.
    for (const line of commentLines(leaf.lead))
      for (const word of line.match(/[\p{L}\p{N}_]+/gu) ?? []) add(`// ${word}`);
  }
  return counts;
}

/** The leaves of each tree without the parts that all trees share: those weigh the same everywhere. */
function withoutCommon(
  trees: readonly SyntaxNode[],
  isExempt: (node: SyntaxNode) => boolean,
): readonly (readonly SyntaxNode[])[] {
  let levels: SyntaxNode[][] = trees.map((tree) => [tree]);
  const leaves: SyntaxNode[][] = trees.map(() => []);
  while (levels.some((level) => level.length > 0)) {
    const shared = sharedTexts(levels);
    levels = levels.map((level, which) =>
      level.flatMap((node) => {
        if (isExempt(node)) return [];
        const left = shared.get(node.text);
        if (left && left[which]! > 0) {
          left[which]!--;
          return [];
        }
        if (!isLeaf(node)) return node.children;
        leaves[which]!.push(node);
        return [];
      }),
    );
  }
  return leaves;
}

/** How often each text stands in all of the lists: that number for each list, to be counted down. */
function sharedTexts(lists: readonly (readonly SyntaxNode[])[]): ReadonlyMap<string, number[]> {
  const counts = new Map<string, number[]>();
  lists.forEach((list, which) => {
    for (const { text } of list) {
      const known = counts.get(text);
      if (known) known[which]!++;
      // A text that the first list lacks is not in all of them.
      else if (which === 0)
        counts.set(
          text,
          lists.map((_, i) => (i === 0 ? 1 : 0)),
        );
    }
  });
  for (const each of counts.values()) each.fill(Math.min(...each));
  return counts;
}

/** Which quotes stand around a text is formatting. */
function unquoted(token: string): string {
  return /^(['"])[^'"\\]*\1$/.test(token) ? `"${token.slice(1, -1)}"` : token;
}
