import { diff3 } from '../text/diff3.ts';
import type { Chunk } from '../text/diff3.ts';
import { keepsComments } from './comments.ts';
import { leavesOf, tokenOf } from './node.ts';
import type { Interner, SyntaxNode } from './node.ts';
import type { Outcome } from './outcome.ts';
import type { Three } from './three.ts';
import { mergeTrivia } from './trivia.ts';

/** Fewer unchanged tokens than this between two edits: they were made against each other's absence. */
const APART = 5;

/** Above so many characters it is a whole file that conflicts, not a piece of code. */
const MOST_CHARACTERS = 40_000;

/**
 * Merges two edits of one piece of code token by token, blind to structure: this finds `wrap(f(x))` against `f(y)`.
 * Where both sides inserted at one place and one side's tokens include the other's, the wider stands.
 * Undefined where the edits touch otherwise.
 */
export function mergeTokens(three: Three<readonly SyntaxNode[]>, interner: Interner): Outcome | undefined {
  if (three.base.reduce((sum, node) => sum + node.text.length, 0) > MOST_CHARACTERS) return undefined;
  const leaves = {
    base: flatten(three.base),
    ours: flatten(three.ours),
    theirs: flatten(three.theirs),
  };
  if (leaves.base.length === 0) return undefined;
  const ids = {
    base: idsOf(leaves.base, interner),
    ours: idsOf(leaves.ours, interner),
    theirs: idsOf(leaves.theirs, interner),
  };
  const chunks = diff3(ids.base, ids.ours, ids.theirs);
  const decided = chunks.map((chunk) => (chunk.kind === 'conflict' ? widerSide(chunk, ids) : chunk));
  const pieces: string[] = [];
  for (const chunk of decided) {
    const part = !chunk
      ? undefined
      : chunk.kind === 'same'
        ? sameTokens(leaves, chunk, interner)
        : sideOf(leaves, chunk);
    if (part === undefined) return undefined;
    pieces.push(part);
  }
  const size = chunks.reduce((sum, chunk) => (chunk.kind === 'same' ? sum : sum + sizeOf(chunk)), 0);
  const isWider = chunks.some((chunk) => chunk.kind === 'conflict');
  if (!isWider && !areApart(chunks)) return undefined;
  return { pieces: [pieces.join('')], steps: [{ rule: isWider ? 'wider' : 'tokens', size }] };
}

function idsOf(leaves: readonly SyntaxNode[], interner: Interner): number[] {
  return leaves.map((leaf) => (leaf.kind === 'Separator' ? interner.id(tokenOf(leaf)) : leaf.hash));
}

/** Two insertions at one place as the doing of the side whose tokens include the other's; tokens that both rewrote stay a conflict. */
function widerSide(chunk: Chunk, ids: Three<readonly number[]>): Chunk | undefined {
  const ours = ids.ours.slice(...chunk.ours);
  const theirs = ids.theirs.slice(...chunk.theirs);
  if (chunk.base[1] > chunk.base[0] || ours.length === 0 || theirs.length === 0) return undefined;
  if (isSubsequence(theirs, ours)) return { ...chunk, kind: 'ours' };
  return isSubsequence(ours, theirs) ? { ...chunk, kind: 'theirs' } : undefined;
}

function isSubsequence(narrow: readonly number[], wide: readonly number[]): boolean {
  let found = 0;
  for (const id of wide) if (id === narrow[found]) found++;
  return found === narrow.length;
}

function areApart(chunks: readonly Chunk[]): boolean {
  const edits = chunks.filter((chunk) => chunk.kind !== 'same');
  return edits.every((edit, i) => {
    const next = edits[i + 1];
    const opposed = next !== undefined && edit.kind !== next.kind && edit.kind !== 'both' && next.kind !== 'both';
    return !opposed || next.base[0] - edit.base[1] >= APART;
  });
}

function flatten(nodes: readonly SyntaxNode[]): readonly SyntaxNode[] {
  return nodes.flatMap(leavesOf).filter((leaf) => leaf.text !== '');
}

function sizeOf(chunk: Chunk): number {
  return Math.max(chunk.base[1] - chunk.base[0], chunk.ours[1] - chunk.ours[0], chunk.theirs[1] - chunk.theirs[0]);
}

/** Undefined where a comment of the other side would be lost. */
function sideOf(leaves: Three<readonly SyntaxNode[]>, chunk: Chunk): string | undefined {
  const base = leaves.base.slice(...chunk.base);
  const ours = leaves.ours.slice(...chunk.ours);
  const theirs = leaves.theirs.slice(...chunk.theirs);
  const joined = (side: readonly SyntaxNode[]): string => side.map((leaf) => leaf.text).join('');
  if (chunk.kind !== 'theirs' && keepsComments(ours, theirs, base)) return joined(ours);
  return chunk.kind !== 'ours' && keepsComments(theirs, ours, base) ? joined(theirs) : undefined;
}

function sameTokens(leaves: Three<readonly SyntaxNode[]>, chunk: Chunk, interner: Interner): string | undefined {
  let merged = '';
  for (let k = 0; k < chunk.base[1] - chunk.base[0]; k++) {
    const base = leaves.base[chunk.base[0] + k]!;
    const ours = leaves.ours[chunk.ours[0] + k]!;
    const theirs = leaves.theirs[chunk.theirs[0] + k]!;
    const lead = mergeTrivia({ base: base.lead, ours: ours.lead, theirs: theirs.lead }, interner);
    if (lead === undefined) return undefined;
    merged += lead + (tokenOf(ours) === tokenOf(base) ? tokenOf(theirs) : tokenOf(ours));
  }
  return merged;
}
