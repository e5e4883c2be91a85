import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { Random } from '#kernel/random.ts';
import { KeyError } from './errors.ts';

/**
 * The text of a file that only its owner may read; undefined when there is none. Throws KEY_EXPOSED when others may read
 * it, KEY_CORRUPT when it is a link or a folder, KEY_UNREADABLE when it is out of reach.
 */
export function readPrivateFile(path: string): string | undefined {
  return reaching(path, () => {
    const status = lstatSync(path, { throwIfNoEntry: false });
    if (status === undefined) return undefined;
    if (!status.isFile()) throw new KeyError('KEY_CORRUPT', `${path} is not a file`, { path });
    const mode = status.mode & 0o777;
    if ((mode & 0o077) !== 0) {
      throw new KeyError('KEY_EXPOSED', `${path} has mode 0${mode.toString(8)}, others may read it`, { path, mode });
    }
    return readFileSync(path, 'utf8');
  });
}

/** Writes the file unless it is there: it appears under its name only when it is complete and on disk; whoever links first wins. */
export function makePrivateFile(path: string, text: string, random: Random): void {
  withDraft(path, text, random, (draft) => {
    try {
      linkSync(draft, path);
    } catch (cause) {
      if (!isErrno(cause, 'EEXIST')) throw cause;
    } finally {
      unlinkSync(draft);
    }
  });
}

/** Writes the file in the place of the one that is there: readers see the one or the other, whole. */
export function replacePrivateFile(path: string, text: string, random: Random): void {
  withDraft(path, text, random, (draft) => renameSync(draft, path));
}

/** Removes the file if it is there, and overwrites its bytes: on disks that write in place nothing of them is left. */
export function removePrivateFile(path: string): void {
  reaching(path, () => {
    const removed = `${path}.removed`;
    try {
      renameSync(path, removed); // nobody reads it half overwritten
    } catch (cause) {
      if (!isErrno(cause, 'ENOENT')) throw cause;
    }
    if (!existsSync(removed)) return; // else this removal, or one that a crash cut short
    const file = openSync(removed, 'r+');
    writeFileSync(file, Buffer.alloc(lstatSync(removed).size));
    fsyncSync(file);
    closeSync(file);
    unlinkSync(removed);
    syncFolder(path);
  });
}

function withDraft(path: string, text: string, random: Random, place: (draft: string) => void): void {
  reaching(path, () => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const draft = `${path}.${Buffer.from(random.bytes(8)).toString('hex')}.draft`;
    const file = openSync(draft, 'wx', 0o600);
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    place(draft);
    syncFolder(path);
  });
}

function syncFolder(path: string): void {
  const folder = openSync(dirname(path), 'r');
  fsyncSync(folder);
  closeSync(folder);
}

function reaching<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof KeyError) throw cause;
    throw new KeyError('KEY_UNREADABLE', `cannot read or write the key ${path}`, { path }, cause);
  }
}

function isErrno(cause: unknown, code: string): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === code;
}
