import type { LogHead, LogNode } from '../ports.ts';
import { EMPTY_ROOT, nodeHash } from './hash.ts';

export const EMPTY_HEAD: LogHead = { size: 0, frontier: [] };

/**
 * Appends one leaf in O(log n). The frontier holds the roots of the complete subtrees that the leaves fall into,
 * one for each set bit of the size, largest first; a new leaf merges with those of equal size, like a carry.
 * `nodes` are the complete subtrees that this leaf finished.
 */
export function grow(head: LogHead, leaf: string): { readonly head: LogHead; readonly nodes: readonly LogNode[] } {
  const frontier = [...head.frontier];
  const nodes: LogNode[] = [];
  let hash = leaf;
  let index = head.size;
  for (let level = 1; index % 2 === 1; level++) {
    // The cast is true: an odd index means a finished left neighbour of this level on the frontier.
    hash = nodeHash(frontier.pop() as string, hash);
    index = (index - 1) / 2;
    nodes.push({ level, index, hash });
  }
  frontier.push(hash);
  return { head: { size: head.size + 1, frontier }, nodes };
}

/** The Merkle tree hash of all leaves (RFC 6962 section 2.1), hex. */
export function rootOf(head: LogHead): string {
  return foldSubtrees(head.frontier) ?? EMPTY_ROOT;
}

/** Joins neighbouring subtrees, largest first, into the hash of the range that they cover; undefined for none. */
export function foldSubtrees(hashes: readonly string[]): string | undefined {
  return hashes.length === 0 ? undefined : hashes.reduceRight((right, left) => nodeHash(left, right));
}

/** Audit path of the leaf that was just appended to `before`: all its siblings lie on the left (RFC 6962 section 2.1.1). */
export function pathOfLast(before: LogHead): readonly string[] {
  return before.frontier.toReversed();
}
