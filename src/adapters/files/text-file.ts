import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { FolderError } from './errors.ts';

/** A small text file that a person named; throws FILE_UNREADABLE. */
export function readTextFile(path: string): string {
  return readNamedFile(path).toString();
}

/** The bytes of a small file that a person named; throws FILE_UNREADABLE. */
export function readNamedFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new FolderError('FILE_UNREADABLE', `cannot read ${path}`, { path }, cause);
  }
}

/** Is there a file or folder of this name? */
export function fileExists(path: string): boolean {
  return existsSync(path);
}

/** Writes a text that a person asked for, over what may be there; rejects with the system's error. */
export async function writeTextFile(path: string, text: string): Promise<void> {
  await writeFile(path, text);
}
