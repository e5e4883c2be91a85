/** A value that both SQLite and Postgres store and give back unchanged. Times and money are integers, JSON is text. */
export type SqlValue = string | number | null;

/** Text that is stored encrypted under the key of its owner, and read back as it was. */
export interface Sealed {
  /** A tenant, or `''` for the installation. */
  readonly owner: string;
  readonly text: string;
}

/** What a placeholder takes: a value that is stored as it is, or one that is sealed on its way in. */
export type SqlParameter = SqlValue | Sealed;

export function sealed(owner: string, text: string): Sealed {
  return { owner, text };
}

export type SqlRow = { readonly [column: string]: SqlValue };

/** Statements inside one transaction. Placeholders are `$1`, `$2`, ... in both engines. */
export interface Tx {
  all<Row extends SqlRow>(text: string, ...values: SqlParameter[]): Promise<Row[]>;
  /** Number of rows changed. */
  run(text: string, ...values: SqlParameter[]): Promise<number>;
}

/** One connection (or pool), to be used outside of transactions only. */
export interface Sql extends Tx {
  readonly engine: 'sqlite' | 'postgres';
  /**
   * Commits when the body resolves and rolls back when it throws. Transactions are serialisable: to keep that, a body
   * may be run again from its start, so it does no other I/O and changes nothing but rows. Inside a body only its `tx`
   * is used.
   */
  tx<T>(body: (tx: Tx) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
