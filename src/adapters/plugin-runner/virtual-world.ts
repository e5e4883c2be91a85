import { type Random, seededRandom } from '#kernel/random.ts';

/** Time and chance as a guest sees them: from a start and a seed, so that equal calls are equal to the byte. */
export class VirtualWorld {
  #now: number;
  readonly #random: Random;

  constructor(options: { seed: number; startMs: number }) {
    this.#now = options.startMs;
    this.#random = seededRandom(options.seed);
  }

  /** Milliseconds; one more with each look. */
  now(): number {
    return this.#now++;
  }

  bytes(length: number): Uint8Array {
    return this.#random.bytes(length);
  }

  word64(): bigint {
    return new DataView(this.#random.bytes(8).buffer).getBigInt64(0, true);
  }
}
