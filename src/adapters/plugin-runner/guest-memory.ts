import type { GuestMemorySize } from '#plugins/ports.ts';

const PAGE = 65_536;

/**
 * Gives each instance a memory of zeros. Memory that the system must give anew costs some two microseconds a page, which
 * for a long input is more than all else: so the memory of the last such call is kept for the next of the same module,
 * every byte of it set to zero while nobody waits. One that a guest made larger is not kept, since it cannot be made
 * smaller, nor one of a call that failed.
 */
export class GuestMemories {
  #used: OneMemory | null = null;
  #clean: OneMemory | null = null;

  /** For one instance; `digest` is that of the instrumented module. Throws RangeError when the system gives none. */
  take(digest: string, { initial, maximum }: GuestMemorySize): WebAssembly.Memory {
    const clean = this.#clean;
    this.#clean = null;
    const memory = clean?.digest === digest ? clean.memory : new WebAssembly.Memory({ initial, maximum });
    this.#used = { digest, initial, memory };
    return memory;
  }

  /** Its instance has ended well and its output has been copied: makes it ready for another. */
  keep(): void {
    const used = this.#used;
    this.#used = null;
    if (used === null || used.memory.buffer.byteLength !== used.initial * PAGE) return;
    new Uint8Array(used.memory.buffer).fill(0);
    this.#clean = used;
  }

  drop(): void {
    this.#used = null;
  }
}

interface OneMemory {
  readonly digest: string;
  readonly initial: number;
  readonly memory: WebAssembly.Memory;
}
