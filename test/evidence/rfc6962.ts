import { createHash } from 'node:crypto';

/** The tree of RFC 6962 section 2.1 as its text defines it, slow and plain: what our log is compared with. Hashes in hex. */
const sha256 = (...parts: Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();

export function plainLeaf(body: Uint8Array): string {
  return sha256(Buffer.of(0), body).toString('hex');
}

function split(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/** MTH(D[n]) */
export function plainRoot(leaves: readonly string[]): string {
  const [first] = leaves;
  if (first === undefined) return sha256().toString('hex');
  if (leaves.length === 1) return first;
  const k = split(leaves.length);
  const [left, right] = [plainRoot(leaves.slice(0, k)), plainRoot(leaves.slice(k))];
  return sha256(Buffer.of(1), Buffer.from(left, 'hex'), Buffer.from(right, 'hex')).toString('hex');
}

/** PATH(m, D[n]) */
export function plainPath(m: number, leaves: readonly string[]): string[] {
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  if (m < k) return [...plainPath(m, leaves.slice(0, k)), plainRoot(leaves.slice(k))];
  return [...plainPath(m - k, leaves.slice(k)), plainRoot(leaves.slice(0, k))];
}

/** PROOF(m, D[n]) */
export function plainProof(m: number, leaves: readonly string[]): string[] {
  return plainSubproof(m, leaves, true);
}

function plainSubproof(m: number, leaves: readonly string[], whole: boolean): string[] {
  if (m === leaves.length) return whole ? [] : [plainRoot(leaves)];
  const k = split(leaves.length);
  if (m <= k) return [...plainSubproof(m, leaves.slice(0, k), whole), plainRoot(leaves.slice(k))];
  return [...plainSubproof(m - k, leaves.slice(k), false), plainRoot(leaves.slice(0, k))];
}

/** The earlier and the later root that a consistency proof leads to, by undoing PROOF(m, D[n]) from its end. */
export function plainRootsOf(m: number, n: number, earlierRoot: string, proof: readonly string[]): [string, string] {
  const left = [...proof];
  const node = (a: string, b: string) =>
    sha256(Buffer.of(1), Buffer.from(a, 'hex'), Buffer.from(b, 'hex')).toString('hex');
  const undo = (size: number, of: number, whole: boolean): [string, string] => {
    if (size === of) {
      const hash = whole ? earlierRoot : (left.pop() ?? 'proof too short');
      return [hash, hash];
    }
    const k = split(of);
    const sibling = left.pop() ?? 'proof too short';
    const [earlier, later] = size <= k ? undo(size, k, whole) : undo(size - k, of - k, false);
    return size <= k ? [earlier, node(later, sibling)] : [node(sibling, earlier), node(sibling, later)];
  };
  const roots = undo(m, n, true);
  return left.length === 0 ? roots : ['proof too long', 'proof too long'];
}

/** The eight leaves of Certificate Transparency's reference test data, with the roots of the first n of them. */
export const CT_LEAVES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
];
export const CT_ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
