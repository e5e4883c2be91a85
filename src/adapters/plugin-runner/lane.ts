import { closeSync, existsSync, ftruncateSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemRandom } from '#kernel/random.ts';

/** Bytes that a system gives when memory is first touched. */
const PAGE = 4096;
/** The other side reads a piece of the output while the next one is written. */
const PIECE = 512 * 1024;
const MOST_ROOM = 4 * 1024 * 1024;
/** Of each file, between calls; all lanes together stay far below the 64 MiB that a container gives to shared memory. */
const MOST_KEPT = 2 * 1024 * 1024;

/**
 * Two nameless files in memory that host and runner share by descriptor: input, which the runner can only read, and
 * output. Bytes cross the process border in two copies and no matter how many, which a pipe does in many small turns.
 */
export class Lane {
  readonly #input: number;
  readonly #output: number;
  /** Memory for the next output, already given by the system; as long as the last output. */
  #room: Uint8Array = new Uint8Array();
  #lastLength = 0;
  /** Bytes of the room that are read already. */
  #ahead = 0;
  #inputLength = 0;
  /** For the child: input (read only), output. */
  readonly childFds: readonly [number, number];

  constructor() {
    const folder = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
    const path = join(folder, `maestro-lane-${Buffer.from(systemRandom.bytes(12)).toString('hex')}`);
    this.#input = openSync(path, 'wx+', 0o600);
    const forChild = openSync(path, 'r');
    rmSync(path);
    this.#output = openSync(path, 'wx+', 0o600);
    rmSync(path);
    this.childFds = [forChild, this.#output];
  }

  writeInput(bytes: Uint8Array): void {
    this.#inputLength = bytes.length;
    writeFully(this.#input, bytes);
  }

  /** Makes ready for an output like the last one while the guest is busy: new memory costs more time than the copy into it. */
  expectOutput(): void {
    this.#ahead = 0;
    if (this.#room.length !== 0 || this.#lastLength <= PAGE || this.#lastLength > MOST_ROOM) return;
    this.#room = new Uint8Array(this.#lastLength);
    touch(this.#room);
  }

  /** One more piece of the output is there. */
  readAhead(): void {
    if (this.#ahead + PIECE > this.#room.length) return;
    readFully(this.#output, this.#room.subarray(0, this.#ahead + PIECE), this.#ahead);
    this.#ahead += PIECE;
  }

  /** The bytes are the caller's own; a room that is more than twice as long as they are is kept for another output. */
  readOutput(length: number): Uint8Array {
    const fits = length <= this.#room.length && length * 2 >= this.#room.length;
    const into = fits ? this.#room.subarray(0, length) : new Uint8Array(length);
    readFully(this.#output, into, fits ? Math.min(this.#ahead, length) : 0);
    if (fits) this.#room = new Uint8Array();
    this.#lastLength = length;
    return into;
  }

  /** After a call: gives back the memory that only a long input or output needs. */
  trim(): void {
    if (this.#inputLength > MOST_KEPT) ftruncateSync(this.#input, MOST_KEPT);
    if (this.#lastLength > MOST_KEPT) ftruncateSync(this.#output, MOST_KEPT);
  }

  close(): void {
    for (const fd of [this.#input, ...this.childFds]) closeSync(fd);
  }
}

/** Has the system give the memory of an array that holds zeros. */
export function touch(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at += PAGE) bytes[at] = 0;
}

/** Writes all bytes from the position on. */
function writeFully(fd: number, bytes: Uint8Array, at = 0): void {
  for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done, bytes.length - done, at + done);
}

/** Writes all bytes at the beginning of the file, and says so after each piece that more follow. */
export function writePieces(fd: number, bytes: Uint8Array, onPiece: () => void): void {
  let at = 0;
  for (; at + PIECE < bytes.length; at += PIECE) {
    writeFully(fd, bytes.subarray(at, at + PIECE), at);
    onPiece();
  }
  writeFully(fd, bytes.subarray(at), at);
}

/** Fills the bytes from the position on, which is the same in both; gives back as many as there were. */
export function readFully(fd: number, into: Uint8Array, from = 0): Uint8Array {
  let done = from;
  while (done < into.length) {
    const count = readSync(fd, into, done, into.length - done, done);
    if (count === 0) break;
    done += count;
  }
  return into.subarray(0, done);
}
