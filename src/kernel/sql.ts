/** A value that both SQLite and Postgres store and give back unchanged. Times and money are integers, JSON is text. */
export type SqlValue = string | number | null;

export type SqlRow = { readonly [column: string]: SqlValue };

/** Statements inside one transaction. Placeholders are `$1`, `$2`, ... in both engines. */
export interface Tx {
  all<Row extends SqlRow>(text: string, ...values: SqlValue[]): Promise<Row[]>;
  /** Number of rows changed. */
  run(text: string, ...values: SqlValue[]): Promise<number>;
}

/** One connection (or pool). `tx` commits when the body resolves and rolls back when it throws; bodies do no other I/O. */
export interface Sql extends Tx {
  readonly engine: 'sqlite' | 'postgres';
  tx<T>(body: (tx: Tx) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
