import { expect, test } from 'vitest';
import { CT_LEAVES, CT_ROOTS, plainLeaf, plainPath, plainRoot } from '../../../test/evidence/rfc6962.ts';
import { EMPTY_HEAD, grow, pathOfLast, rootOf } from './frontier.ts';
import { leafHash } from './hash.ts';

test('the roots are those of the reference test data of Certificate Transparency', () => {
  let head = EMPTY_HEAD;
  const roots = CT_LEAVES.map((leaf) => {
    head = grow(head, leafHash(Buffer.from(leaf, 'hex'))).head;
    return rootOf(head);
  });

  expect(roots).toEqual(CT_ROOTS);
});

test('the empty log has the hash of nothing as its root', () => {
  expect(rootOf(EMPTY_HEAD)).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
});

test('at every size up to 130, root and path of the last leaf are those that RFC 6962 defines', () => {
  const leaves: string[] = [];
  let head = EMPTY_HEAD;
  for (let index = 0; index < 130; index++) {
    const leaf = plainLeaf(Buffer.from(`leaf ${index}`));
    leaves.push(leaf);
    const path = pathOfLast(head);
    head = grow(head, leaf).head;

    expect(rootOf(head)).toBe(plainRoot(leaves));
    expect(path).toEqual(plainPath(index, leaves));
  }
});

test('a leaf finishes the complete subtrees that end with it, and no others', () => {
  const leaves = Array.from({ length: 12 }, (_, index) => plainLeaf(Buffer.of(index)));
  let head = EMPTY_HEAD;
  const nodes = leaves.map((leaf) => {
    const grown = grow(head, leaf);
    head = grown.head;
    return grown.nodes;
  });

  expect(nodes[2]).toEqual([]);
  expect(nodes[7]).toEqual([
    { level: 1, index: 3, hash: plainRoot(leaves.slice(6, 8)) },
    { level: 2, index: 1, hash: plainRoot(leaves.slice(4, 8)) },
    { level: 3, index: 0, hash: plainRoot(leaves.slice(0, 8)) },
  ]);
});
