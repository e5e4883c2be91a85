import { nodeHash } from './hash.ts';

/** That `leaf` stands at `index` among `size` leaves whose tree has `root`; hashes in hex. */
export interface InclusionProof {
  readonly index: number;
  readonly size: number;
  readonly leaf: string;
  readonly root: string;
  readonly hashes: readonly string[];
}

/** RFC 9162 section 2.1.3.2, with its letters: fn walks up from the leaf, sn from the last leaf, r is the hash so far. */
export function verifyInclusion(proof: InclusionProof): boolean {
  if (proof.index >= proof.size) return false;
  let fn = proof.index;
  let sn = proof.size - 1;
  let r = proof.leaf;
  for (const p of proof.hashes) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      r = nodeHash(p, r);
      while (fn % 2 === 0 && fn !== 0) {
        fn /= 2;
        sn = Math.floor(sn / 2);
      }
    } else {
      r = nodeHash(r, p);
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0 && r === proof.root;
}
