import type { Sealed, SqlParameter, SqlRow, SqlValue } from '#kernel/sql.ts';

/** Encrypts what is stored and decrypts what is read; each owner has a key of its own. */
export interface Sealer {
  /** Gives text that says itself under which key it was sealed. */
  seal(value: Sealed): string;
  /** Throws when the key is not there or the text was changed. */
  open(sealed: string): string;
}

/** No text from outside can begin like this: one that does gets it once more. */
const MARK = '\u0001';
const SEALED = `${MARK}s`;

/** The values as the engine stores them; without a sealer nothing is encrypted. */
export function stored(sealer: Sealer | undefined, values: readonly SqlParameter[]): SqlValue[] {
  return values.map((value) => {
    if (value === null || typeof value === 'number') return value;
    if (typeof value === 'object' && sealer !== undefined) return SEALED + sealer.seal(value);
    const text = typeof value === 'object' ? value.text : value;
    return text.startsWith(MARK) ? MARK + text : text;
  });
}

/** The rows as they were given to `stored`. */
export function opened(sealer: Sealer | undefined, rows: SqlRow[]): SqlRow[] {
  return rows.map((row) => {
    if (!Object.values(row).some(isMarked)) return row;
    const columns = Object.entries(row).map(([name, value]) => [name, isMarked(value) ? open(sealer, value) : value]);
    // The cast is true: the columns are those of the row.
    return Object.fromEntries(columns) as SqlRow;
  });
}

function isMarked(value: SqlValue): value is string {
  return typeof value === 'string' && value.startsWith(MARK);
}

function open(sealer: Sealer | undefined, value: string): string {
  if (!value.startsWith(SEALED)) return value.slice(MARK.length);
  if (sealer === undefined) throw new Error('the store was opened without the keys that it was sealed with');
  return sealer.open(value.slice(SEALED.length));
}
