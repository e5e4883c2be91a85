import type { Clock } from './clock.ts';
import type { Random } from './random.ts';

/** Randomness is fetched for so many ids at once: asking for it costs more than making the id. */
const AHEAD = 32;
const LETTERS = 10;
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'; // Crockford's base 32, lower case

/** Makes ids that sort by time of making: `<prefix>_` + 10 letters of milliseconds + 10 random letters. */
export class Ids {
  readonly #clock: Clock;
  readonly #random: Random;
  #bytes: Uint8Array = new Uint8Array();
  #used = 0;

  constructor(sources: { clock: Clock; random: Random }) {
    this.#clock = sources.clock;
    this.#random = sources.random;
  }

  next(prefix: string): string {
    let time = '';
    for (let rest: number = this.#clock.now(), i = 0; i < 10; i++, rest = Math.floor(rest / 32)) {
      time = ALPHABET.charAt(rest % 32) + time;
    }
    let tail = '';
    // 32 divides 256, so each letter is equally likely.
    for (const byte of this.#fresh()) tail += ALPHABET.charAt(byte % 32);
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
