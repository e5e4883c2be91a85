import { existsSync, readFileSync } from 'node:fs';
import { FolderError } from './errors.ts';

/** A small text file that a person named; throws FILE_UNREADABLE. */
export function readTextFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new FolderError('FILE_UNREADABLE', `cannot read ${path}`, { path }, cause);
  }
}

/** Is there a file or folder of this name? */
export function fileExists(path: string): boolean {
  return existsSync(path);
}
