import { readFrame } from './blocking-frames.ts';
import { readFully, touch } from './lane.ts';
import type { Input } from './run-call.ts';

/**
 * The input of one call, which the host may still be writing when the call begins: until its word that all is there, the
 * guest's memory is made ready, which takes longer than the copy.
 */
export class ArrivingInput implements Input {
  readonly length: number;
  readonly #file: number;
  readonly #control: number;
  #awaited: boolean;

  constructor(options: { length: number; file: number; control: number; awaited: boolean }) {
    this.length = options.length;
    this.#file = options.file;
    this.#control = options.control;
    this.#awaited = options.awaited;
  }

  copyInto(memory: Uint8Array): void {
    if (this.#awaited) touch(memory);
    this.settle();
    readFully(this.#file, memory);
  }

  bytes(): Uint8Array {
    this.settle();
    return readFully(this.#file, new Uint8Array(this.length));
  }

  /** Takes the host's word out of the stream; also after a guest that never asked for its input. */
  settle(): void {
    if (this.#awaited) readFrame(this.#control);
    this.#awaited = false;
  }
}
