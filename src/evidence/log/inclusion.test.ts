import { expect, test } from 'vitest';
import { CT_LEAVES, CT_ROOTS, plainLeaf, plainPath, plainRoot } from '../../../test/evidence/rfc6962.ts';
import { verifyInclusion } from './inclusion.ts';

const leaves = CT_LEAVES.map((leaf) => plainLeaf(Buffer.from(leaf, 'hex')));

test('the reference proof of the first of eight leaves holds', () => {
  const proof = {
    index: 0,
    size: 8,
    leaf: leaves[0]!,
    root: CT_ROOTS[7]!,
    hashes: [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  };

  expect(verifyInclusion(proof)).toBe(true);
});

test('for every leaf of every size up to 40 the right proof holds, and no wrong leaf, place, size, root or hash does', () => {
  const all = Array.from({ length: 40 }, (_, index) => plainLeaf(Buffer.of(index)));
  const other = plainLeaf(Buffer.from('other'));
  for (let size = 1; size <= all.length; size++) {
    const some = all.slice(0, size);
    const root = plainRoot(some);
    for (const [index, leaf] of some.entries()) {
      const hashes = plainPath(index, some);
      const proof = { index, size, leaf, root, hashes };

      expect(verifyInclusion(proof)).toBe(true);
      const wrong = [
        { ...proof, leaf: other },
        { ...proof, root: other },
        { ...proof, index: index + 1 },
        { ...proof, index: size },
        { ...proof, hashes: [...hashes, other] },
        ...hashes.map((_, at) => ({ ...proof, hashes: hashes.with(at, other) })),
        ...hashes.map((_, at) => ({ ...proof, hashes: hashes.toSpliced(at, 1) })),
      ];
      expect(wrong.filter(verifyInclusion)).toEqual([]);
    }
  }
});
