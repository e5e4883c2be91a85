import { expect, test } from 'vitest';
import { CT_LEAVES, CT_ROOTS, plainLeaf, plainProof, plainRoot } from '../../../test/evidence/rfc6962.ts';
import { consistencyRanges, subtreesOf, verifyConsistency } from './consistency.ts';
import { foldSubtrees } from './frontier.ts';

const all = Array.from({ length: 40 }, (_, index) => plainLeaf(Buffer.of(index)));

function hashOfRange(leaves: readonly string[], range: { from: number; to: number }): string {
  const hashes = subtreesOf(range).map(({ level, index }) =>
    plainRoot(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level)),
  );
  return foldSubtrees(hashes)!;
}

test.each([
  [
    1,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    6,
    8,
    [
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [
    2,
    5,
    [
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  ],
])('the reference proof from %i to %i leaves is ours, and holds', (m, n, hashes) => {
  const leaves = CT_LEAVES.slice(0, n).map((leaf) => plainLeaf(Buffer.from(leaf, 'hex')));
  const proof = { earlierSize: m, earlierRoot: CT_ROOTS[m - 1]!, size: n, root: CT_ROOTS[n - 1]!, hashes };

  expect(consistencyRanges(m, n).map((range) => hashOfRange(leaves, range))).toEqual(hashes);
  expect(verifyConsistency(proof)).toBe(true);
});

test('for all sizes up to 40 our proof is the one RFC 6962 defines and holds, and no changed one does', () => {
  const other = plainLeaf(Buffer.from('other'));
  for (let n = 1; n <= all.length; n++) {
    const leaves = all.slice(0, n);
    const root = plainRoot(leaves);
    for (let m = 1; m <= n; m++) {
      const hashes = consistencyRanges(m, n).map((range) => hashOfRange(leaves, range));
      const proof = { earlierSize: m, earlierRoot: plainRoot(all.slice(0, m)), size: n, root, hashes };

      expect(hashes).toEqual(plainProof(m, leaves));
      expect(verifyConsistency(proof)).toBe(true);
      const wrong = [
        { ...proof, root: other },
        { ...proof, earlierRoot: other },
        { ...proof, earlierSize: m + 1 },
        { ...proof, hashes: [...hashes, other] },
        ...hashes.map((_, at) => ({ ...proof, hashes: hashes.with(at, other) })),
        ...hashes.map((_, at) => ({ ...proof, hashes: hashes.toSpliced(at, 1) })),
      ];
      expect(wrong.filter(verifyConsistency)).toEqual([]);
    }
  }
});

test('every log continues the empty one, and none continues a longer one', () => {
  const [root, earlierRoot] = [plainRoot(all), plainRoot([])];

  expect(verifyConsistency({ earlierSize: 0, earlierRoot, size: 40, root, hashes: [] })).toBe(true);
  expect(verifyConsistency({ earlierSize: 41, earlierRoot: root, size: 40, root, hashes: [] })).toBe(false);
});
