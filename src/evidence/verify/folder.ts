import { type BundleParts, readBundle } from '../bundle.ts';
import { statementOf } from '../folder/names.ts';
import type { FolderFiles } from '../ports.ts';
import { readStatement, type Statement } from '../statement.ts';

/** A statement of the folder as it lies there: nothing of it is believed yet. */
export interface Found {
  readonly name: string;
  /** Undefined when the file is not a bundle. */
  readonly parts: BundleParts | undefined;
  /** Undefined when the payload is not a statement. */
  readonly statement: Statement | undefined;
}

/** A statement that the pinned key signed. */
export interface Genuine {
  readonly name: string;
  readonly parts: BundleParts;
  readonly statement: Statement;
}

export function findStatements(files: FolderFiles): readonly Found[] {
  const found: Found[] = [];
  for (const [file, bytes] of files) {
    const name = statementOf(file);
    if (name === undefined) continue;
    const parts = readBundle(Buffer.from(bytes).toString('utf8'));
    found.push({ name, parts, statement: parts && readStatement(parts.payload) });
  }
  return found;
}

export function textOf(files: FolderFiles, file: string): string | undefined {
  const bytes = files.get(file);
  return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8');
}
