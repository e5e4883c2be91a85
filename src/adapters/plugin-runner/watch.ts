import { steadyMillis } from '#kernel/clock.ts';

const RUNNING = 0;
const BEGAN = 1;
const UNTIL = 2;
const LOOK = 3;

/** The call whose guest runs now; times on the steady clock. */
export interface RunningCall {
  readonly seq: number;
  readonly began: number;
  readonly until: number;
}

/**
 * What a worker and its supervisor share. The worker writes which call runs until when, which wakes nobody; it calls for
 * the supervisor only when that would look too late. Each side writes its own word before it reads the other's, and
 * these accesses are sequentially consistent, so that one of them always sees the other: no deadline is missed.
 */
export class Watch {
  readonly memory: SharedArrayBuffer;
  readonly #words: BigInt64Array;

  constructor(memory = new SharedArrayBuffer(4 * BigInt64Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.#words = new BigInt64Array(memory);
  }

  /** By the worker, before the guest: true when the supervisor must be called to look in time. */
  begin(seq: number, wallMs: number): boolean {
    const now = steadyMillis();
    Atomics.store(this.#words, BEGAN, BigInt(now));
    Atomics.store(this.#words, UNTIL, BigInt(now + wallMs));
    Atomics.store(this.#words, RUNNING, BigInt(seq));
    const look = Number(Atomics.load(this.#words, LOOK));
    return look === 0 || look > now + wallMs;
  }

  /** By the worker, after the guest; gives the milliseconds that it took. */
  end(): number {
    Atomics.store(this.#words, RUNNING, 0n);
    return steadyMillis() - Number(Atomics.load(this.#words, BEGAN));
  }

  /** By the supervisor: says when it looks next (0: not before it is called), and gives the call that runs, if any does. */
  lookAt(time: number): RunningCall | null {
    Atomics.store(this.#words, LOOK, BigInt(time));
    const seq = Number(Atomics.load(this.#words, RUNNING));
    if (seq === 0) return null;
    const [began, until] = [BEGAN, UNTIL].map((word) => Number(Atomics.load(this.#words, word)));
    return { seq, began: began ?? 0, until: until ?? 0 };
  }
}
