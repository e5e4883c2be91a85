import { closeSync, existsSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemRandom } from '#kernel/random.ts';

/**
 * Two nameless files in memory that host and runner share by descriptor: input, which the runner can only read, and
 * output. Bytes cross the process border in two copies and no matter how many, which a pipe does in many small turns.
 */
export class Lane {
  readonly #input: number;
  readonly #output: number;
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
    writeFully(this.#input, bytes);
  }

  readOutput(length: number): Uint8Array {
    return readFully(this.#output, new Uint8Array(length));
  }

  close(): void {
    for (const fd of [this.#input, ...this.childFds]) closeSync(fd);
  }
}

/** Writes all bytes at the beginning of the file. */
export function writeFully(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done, bytes.length - done, done);
}

/** Fills the bytes from the beginning of the file; gives back as many as there were. */
export function readFully(fd: number, into: Uint8Array): Uint8Array {
  let done = 0;
  while (done < into.length) {
    const count = readSync(fd, into, done, into.length - done, done);
    if (count === 0) break;
    done += count;
  }
  return into.subarray(0, done);
}
