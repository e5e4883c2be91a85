import type { Clock } from './clock.ts';
import type { Random } from './random.ts';

/** Randomness is fetched for so many ids at once: asking for it costs more than making the id. */
const AHEAD = 32;
const LETTERS = 10;
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'; // Crockford's base 32, lower case

/**
 * Makes ids that sort in the order of their making: `<prefix>_` + 10 letters of milliseconds + 10 random letters. Within
 * a millisecond, and while the clock stands before where it was, the letters of the last id are counted on (as the
 * monotonic ULID has it).
 */
export class Ids {
  readonly #clock: Clock;
  readonly #random: Random;
  #bytes: Uint8Array = new Uint8Array();
  #used = 0;
  #time = Number.NEGATIVE_INFINITY;
  #tail: Uint8Array = new Uint8Array(LETTERS);

  constructor(sources: { clock: Clock; random: Random }) {
    this.#clock = sources.clock;
    this.#random = sources.random;
  }

  next(prefix: string): string {
    const now = this.#clock.now();
    if (now > this.#time || !counted(this.#tail)) {
      this.#time = Math.max(now, this.#time + 1);
      this.#tail = this.#fresh();
    }
    let time = '';
    for (let rest: number = this.#time, i = 0; i < 10; i++, rest = Math.floor(rest / 32)) {
      time = ALPHABET.charAt(rest % 32) + time;
    }
    let tail = '';
    // 32 divides 256, so each letter is equally likely.
    for (const byte of this.#tail) tail += ALPHABET.charAt(byte % 32);
    return `${prefix}_${time}${tail}`;
  }

  #fresh(): Uint8Array {
    if (this.#used === this.#bytes.length) {
      this.#bytes = this.#random.bytes(AHEAD * LETTERS);
      this.#used = 0;
    }
    return this.#bytes.subarray(this.#used, (this.#used += LETTERS));
  }
}

/** Counts letters on by one; false when they were the last ones there are. */
function counted(letters: Uint8Array): boolean {
  for (let i = letters.length - 1; i >= 0; i--) {
    letters[i] = ((letters[i] ?? 0) + 1) % 32;
    if (letters[i] !== 0) return true;
  }
  return false;
}
