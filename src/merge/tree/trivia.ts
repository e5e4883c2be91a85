import { diff3 } from '../text/diff3.ts';
import type { Interner } from './node.ts';

/**
 * Merges the space and comments before a token. White space alone never conflicts: ours wins where both changed it.
 * Undefined when both sides changed the same comment lines.
 */
export function mergeTrivia(
  three: { base: string; ours: string; theirs: string },
  interner: Interner,
): string | undefined {
  const { base, ours, theirs } = three;
  if (ours === theirs || theirs === base) return ours;
  if (ours === base) return theirs;
  const words = (trivia: string): string => trivia.replace(/\s+/g, ' ').trim();
  if (words(theirs) === words(base) || words(theirs) === words(ours)) return ours;
  if (words(ours) === words(base)) return theirs;
  return mergeLines(three, interner) ?? mergeWords(three, interner);
}

/** Word-wise three-way merge of comments, which have no grammar to break; undefined where both sides changed one place. */
function mergeWords(three: { base: string; ours: string; theirs: string }, interner: Interner): string | undefined {
  const words = (text: string): readonly string[] => text.match(/[\p{L}\p{N}_]+|\s+|[^\p{L}\p{N}_\s]/gu) ?? [];
  const all = { base: words(three.base), ours: words(three.ours), theirs: words(three.theirs) };
  if (all.base.length + all.ours.length + all.theirs.length > MOST_WORDS) return undefined;
  const ids = (list: readonly string[]): number[] => list.map((word) => interner.id(/\s/.test(word) ? ' ' : word));
  let merged = '';
  for (const chunk of diff3(ids(all.base), ids(all.ours), ids(all.theirs))) {
    if (chunk.kind === 'conflict') return undefined;
    merged += (chunk.kind === 'theirs' ? all.theirs.slice(...chunk.theirs) : all.ours.slice(...chunk.ours)).join('');
  }
  return merged;
}

const MOST_WORDS = 5_000;

/** Line-wise three-way merge of a text inside one token or comment; undefined where lines conflict. */
export function mergeLines(
  three: { base: string; ours: string; theirs: string },
  interner: Interner,
): string | undefined {
  const lines = { base: linesOf(three.base), ours: linesOf(three.ours), theirs: linesOf(three.theirs) };
  if (lines.base.length + lines.ours.length + lines.theirs.length < 4) return undefined;
  const ids = (list: readonly string[]): number[] => list.map((line) => interner.id(`line ${line.trim()}`));
  const merged: string[] = [];
  for (const chunk of diff3(ids(lines.base), ids(lines.ours), ids(lines.theirs))) {
    if (chunk.kind === 'conflict') return undefined;
    const side = chunk.kind === 'theirs' ? lines.theirs.slice(...chunk.theirs) : lines.ours.slice(...chunk.ours);
    merged.push(...side);
  }
  return merged.join('');
}

/** The lines of a text, each with its own ending. */
export function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.split(/(?<=\n)/);
}
