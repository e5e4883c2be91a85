import { randomBytes } from 'node:crypto';

/** The only source of randomness. One seed replays a run exactly. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, below). */
  integer(below: number): number;
  bytes(length: number): Uint8Array;
}

/** Cryptographic randomness of the operating system. */
export const systemRandom: Random = {
  next: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
  integer: (below) => Math.floor(systemRandom.next() * below),
  bytes: (length) => new Uint8Array(randomBytes(length)),
};

/** A repeatable stream: SplitMix32 (Steele, Lea, Flood, OOPSLA 2014, with 32-bit constants). Not for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const word = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  const next = (): number => word() / 2 ** 32;
  return {
    next,
    integer: (below) => Math.floor(next() * below),
    bytes: (length) => Uint8Array.from({ length }, () => word() & 0xff),
  };
}
