import type { NodeId } from '../ports.ts';
import { nodeHash } from './hash.ts';

/** Leaves `from` (inclusive) to `to` (exclusive). */
export interface LeafRange {
  readonly from: number;
  readonly to: number;
}

/** That a log of `size` leaves begins with the very log that once had `earlierSize` leaves; hashes in hex. */
export interface ConsistencyProof {
  readonly earlierSize: number;
  readonly earlierRoot: string;
  readonly size: number;
  readonly root: string;
  readonly hashes: readonly string[];
}

/** The ranges whose hashes prove that the first `m` of `n` leaves are unchanged: PROOF(m, D[n]) of RFC 6962 section 2.1.2. */
export function consistencyRanges(m: number, n: number): readonly LeafRange[] {
  return m === 0 || m === n ? [] : subproof(m, { from: 0, to: n }, true);
}

// SUBPROOF(m, D[range], b): `whole` is b, true while the first m leaves are a complete subtree that the verifier knows.
function subproof(m: number, range: LeafRange, whole: boolean): LeafRange[] {
  const n = range.to - range.from;
  if (m === n) return whole ? [] : [range];
  const k = largestPowerBelow(n);
  const left = { from: range.from, to: range.from + k };
  const right = { from: range.from + k, to: range.to };
  return m <= k ? [...subproof(m, left, whole), right] : [...subproof(m - k, right, false), left];
}

/** The complete subtrees that a range of a Merkle tree is made of, left to right. */
export function subtreesOf(range: LeafRange): readonly NodeId[] {
  const subtrees: NodeId[] = [];
  let at = range.from;
  while (at < range.to) {
    let level = 0;
    while (at % 2 ** (level + 1) === 0 && at + 2 ** (level + 1) <= range.to) level++;
    subtrees.push({ level, index: at / 2 ** level });
    at += 2 ** level;
  }
  return subtrees;
}

/** RFC 9162 section 2.1.4.2, with its letters: fr becomes the earlier root, sr the later one. Every log extends the empty one. */
export function verifyConsistency(proof: ConsistencyProof): boolean {
  const { earlierSize: m, size: n } = proof;
  if (m > n) return false;
  if (m === 0) return proof.hashes.length === 0;
  if (m === n) return proof.hashes.length === 0 && proof.earlierRoot === proof.root;
  const path = largestPowerBelow(m + 1) === m ? [proof.earlierRoot, ...proof.hashes] : proof.hashes;
  let fn = m - 1;
  let sn = n - 1;
  const half = (): void => {
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  };
  while (fn % 2 === 1) half();
  const [first, ...rest] = path;
  if (first === undefined) return false;
  let fr = first;
  let sr = first;
  for (const c of rest) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      fr = nodeHash(c, fr);
      sr = nodeHash(c, sr);
      while (fn % 2 === 0 && fn !== 0) half();
    } else {
      sr = nodeHash(sr, c);
    }
    half();
  }
  return sn === 0 && fr === proof.earlierRoot && sr === proof.root;
}

function largestPowerBelow(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}
