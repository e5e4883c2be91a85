import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, statfsSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

const BLOCK = Buffer.alloc(256 * 1024);

export interface DiskReserveOptions {
  /** File that holds the reserve, on the disk of the database. */
  readonly path: string;
  /** Size of the reserve: what all work that has begun may still write to its end. */
  readonly bytes: number;
  /** With less free space than this, no new work is to be admitted. */
  readonly lowBytes: number;
}

/** Room on a disk. `low` says that no new work may be admitted. */
export interface Space {
  /** Null: unknown. */
  readonly freeBytes: number | null;
  readonly low: boolean;
}

/**
 * A file full of nothing that is deleted when the disk is full, so that work that has begun can still be written down.
 * Any number of processes may share one.
 */
export class DiskReserve {
  readonly #options: DiskReserveOptions;

  constructor(options: DiskReserveOptions) {
    this.#options = options;
  }

  /** Room now. Takes the reserve back as soon as there is room for it above the mark. */
  space(): Space {
    const { bytes, lowBytes } = this.#options;
    if (!this.#held() && this.#free() >= bytes + lowBytes) this.#fill();
    const freeBytes = this.#free();
    return { freeBytes, low: freeBytes < lowBytes || !this.#held() };
  }

  /** Gives the reserve back to the disk; false when it was given back before. */
  release(): boolean {
    const held = this.#held();
    rmSync(this.#options.path, { force: true });
    return held;
  }

  #held(): boolean {
    return statSync(this.#options.path, { throwIfNoEntry: false }) !== undefined;
  }

  #free(): number {
    const { bavail, bsize } = statfsSync(dirname(this.#options.path));
    return bavail * bsize;
  }

  /** Written in full and then renamed, because a file that is only sized takes no space. */
  #fill(): void {
    const { path, bytes } = this.#options;
    const unfinished = `${path}.new`;
    try {
      const file = openSync(unfinished, 'w', 0o600);
      try {
        for (let left = bytes; left > 0;) left -= writeSync(file, BLOCK, 0, Math.min(left, BLOCK.length));
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(unfinished, path);
    } catch (cause) {
      rmSync(unfinished, { force: true });
      // Others took the room, or another process was at the same: whether there is a reserve now, `space` says.
      const expected = cause instanceof Error && 'code' in cause && ['ENOSPC', 'ENOENT'].includes(String(cause.code));
      if (!expected) throw cause;
    }
  }
}
