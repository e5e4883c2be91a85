import type { SqlValue } from '#kernel/sql.ts';

export interface Placeholders {
  /** The statement with `?n` for each `$n`, as node:sqlite binds them. */
  readonly text: string;
  /** Highest `n` in the statement: as many values must be given. */
  readonly count: number;
}

/** Reads the `$n` of a statement; those inside quotes are text. */
export function placeholders(text: string): Placeholders {
  let count = 0;
  const rewritten = text.replaceAll(/'[^']*'|\$(\d+)/g, (match, n?: string) => {
    if (n === undefined) return match;
    count = Math.max(count, Number(n));
    return `?${n}`;
  });
  return { text: rewritten, count };
}

/** Throws on what the engines would store differently: fractions, numbers beyond 2^53, a wrong number of values. */
export function checkValues(text: string, count: number, values: readonly SqlValue[]): void {
  if (values.length !== count) throw new TypeError(`${count} values expected, ${values.length} given: ${text}`);
  for (const value of values) {
    if (typeof value === 'number' && !Number.isSafeInteger(value)) {
      throw new TypeError(`not an exact integer: ${value}, in: ${text}`);
    }
  }
}
