import { leavesOf, tokenOf } from '../tree/node.ts';
import type { SyntaxNode } from '../tree/node.ts';
import type { Three } from '../tree/tokens.ts';

/** Tokens and comment lines that a merge has too few or too many of. */
export interface Imbalance {
  readonly word: string;
  readonly lost: number;
}

/**
 * Nothing inserted by one side is missing, nothing deleted returns, nothing is doubled: for each word the change from base
 * to merge lies between what one side did and what both did together. `dropped` names words whose loss was decided
 * (imports that nothing uses).
 */
export function imbalance(trees: Three<SyntaxNode>, merged: SyntaxNode): readonly Imbalance[] {
  const [base, ours, theirs, result] = [trees.base, trees.ours, trees.theirs, merged].map(countWords) as [
    Count,
    Count,
    Count,
    Count,
  ];
  const found: Imbalance[] = [];
  for (const word of new Set([...ours.keys(), ...theirs.keys(), ...base.keys(), ...result.keys()])) {
    const before = base.get(word) ?? 0;
    const byOurs = (ours.get(word) ?? 0) - before;
    const byTheirs = (theirs.get(word) ?? 0) - before;
    const change = (result.get(word) ?? 0) - before;
    const least = Math.min(byOurs, byTheirs, byOurs + byTheirs);
    const most = Math.max(byOurs, byTheirs, byOurs + byTheirs);
    if (change < least) found.push({ word, lost: least - change });
    if (change > most) found.push({ word, lost: most - change });
  }
  return found;
}

type Count = Map<string, number>;

function countWords(tree: SyntaxNode): Count {
  const counts: Count = new Map();
  const add = (word: string): void => {
    counts.set(word, (counts.get(word) ?? 0) + 1);
  };
  for (const leaf of leavesOf(tree)) {
    const token = tokenOf(leaf);
    if (leaf.size > 0) add(token.trim());
    if (/\S/.test(leaf.lead)) for (const line of commentLines(leaf.lead)) add(line);
  }
  return counts;
}

function commentLines(trivia: string): readonly string[] {
  return trivia
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /[\p{L}\p{N}]/u.test(line))
    .map((line) => `// ${line}`);
}
