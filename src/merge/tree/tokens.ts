import { diff3 } from '../text/diff3.ts';
import type { Chunk } from '../text/diff3.ts';
import { leavesOf, tokenOf } from './node.ts';
import type { Interner, SyntaxNode } from './node.ts';
import type { Outcome } from './outcome.ts';
import { mergeTrivia } from './trivia.ts';

/** Three versions of one place. */
export interface Three<T> {
  readonly base: T;
  readonly ours: T;
  readonly theirs: T;
}

/**
 * Merges two edits of one piece of code token by token, blind to structure: this finds `wrap(f(x))` against `f(y)`.
 * Undefined where both sides changed the same tokens.
 */
export function mergeTokens(three: Three<readonly SyntaxNode[]>, interner: Interner): Outcome | undefined {
  const leaves = {
    base: flatten(three.base),
    ours: flatten(three.ours),
    theirs: flatten(three.theirs),
  };
  if (leaves.base.length === 0) return undefined;
  const ids = (list: readonly SyntaxNode[]): number[] =>
    list.map((leaf) => (leaf.kind === 'Separator' ? interner.id(tokenOf(leaf)) : leaf.hash));
  const chunks = diff3(ids(leaves.base), ids(leaves.ours), ids(leaves.theirs));
  if (chunks.some((chunk) => chunk.kind === 'conflict')) return undefined;
  const pieces: string[] = [];
  for (const chunk of chunks) {
    const part = chunk.kind === 'same' ? sameTokens(leaves, chunk, interner) : sideOf(leaves, chunk);
    if (part === undefined) return undefined;
    pieces.push(part);
  }
  const size = chunks.reduce((sum, chunk) => (chunk.kind === 'same' ? sum : sum + sizeOf(chunk)), 0);
  return { pieces: [pieces.join('')], steps: [{ rule: 'tokens', size }] };
}

function flatten(nodes: readonly SyntaxNode[]): readonly SyntaxNode[] {
  return nodes.flatMap(leavesOf).filter((leaf) => leaf.text !== '');
}

function sizeOf(chunk: Chunk): number {
  return Math.max(chunk.base[1] - chunk.base[0], chunk.ours[1] - chunk.ours[0], chunk.theirs[1] - chunk.theirs[0]);
}

function sideOf(leaves: Three<readonly SyntaxNode[]>, chunk: Chunk): string {
  const side = chunk.kind === 'theirs' ? leaves.theirs.slice(...chunk.theirs) : leaves.ours.slice(...chunk.ours);
  return side.map((leaf) => leaf.text).join('');
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
