import { readFile } from 'node:fs/promises';
import { FolderError } from './errors.ts';

/** What a JSON file holds; nobody has read it yet. Throws JSON_FILE_UNREADABLE. */
export async function readJsonFile(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new FolderError('JSON_FILE_UNREADABLE', `cannot read ${path}: ${why}`, { path }, cause);
  }
}
