import { AsyncLocalStorage } from 'node:async_hooks';
import type { SqlParameter, SqlRow, Tx } from '#kernel/sql.ts';
import { StoreError } from './errors.ts';

/** Statements as a driver runs them, with nothing guarded. */
export interface Statements {
  all(text: string, values: readonly SqlParameter[]): Promise<SqlRow[]>;
  run(text: string, values: readonly SqlParameter[]): Promise<number>;
}

/**
 * The transaction that a body sees. It refuses use after its end, and a statement that failed dooms it on every
 * engine, as Postgres does by itself, even when the body caught the error or forgot to await it.
 */
class GuardedTx implements Tx {
  readonly #statements: Statements;
  readonly #pending = new Set<Promise<unknown>>();
  #ended = false;
  #failure: { readonly cause: unknown } | undefined;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  get ended(): boolean {
    return this.#ended;
  }

  async all<Row extends SqlRow>(text: string, ...values: SqlParameter[]): Promise<Row[]> {
    // The cast is true as far as the caller's statement names the columns of Row.
    return this.#guard(text, () => this.#statements.all(text, values)) as Promise<Row[]>;
  }

  async run(text: string, ...values: SqlParameter[]): Promise<number> {
    return this.#guard(text, () => this.#statements.run(text, values));
  }

  /** Takes no more statements, waits for those that nobody awaited, and throws what doomed the transaction. */
  async settle(): Promise<void> {
    this.#ended = true;
    await Promise.allSettled(this.#pending);
    if (this.#failure !== undefined) throw this.#failure.cause;
  }

  async #guard<T>(text: string, statement: () => Promise<T>): Promise<T> {
    if (this.#ended) {
      throw new StoreError('TX_ENDED', `a statement came after the end of its transaction: ${text}`);
    }
    if (this.#failure !== undefined) throw this.#failure.cause;
    const pending = statement();
    this.#pending.add(pending);
    try {
      return await pending;
    } catch (cause) {
      this.#failure ??= { cause };
      throw cause;
    } finally {
      this.#pending.delete(pending);
    }
  }
}

/** Knows whether the running code stands inside the body of a transaction, across awaits. */
export class TxScope {
  readonly #current = new AsyncLocalStorage<GuardedTx>();

  refuseInside(): void {
    if (this.#current.getStore()?.ended === false) {
      throw new StoreError(
        'TX_NESTED',
        'a transaction or a plain statement was begun inside the body of a transaction',
      );
    }
  }

  /** Runs `body` on the statements of a transaction that is open; the caller commits or rolls back. */
  async run<T>(statements: Statements, body: (tx: Tx) => Promise<T>): Promise<T> {
    const tx = new GuardedTx(statements);
    let result: T;
    try {
      result = await this.#current.run(tx, () => body(tx));
    } catch (cause) {
      await tx.settle().catch(() => undefined); // the body's own error says more
      throw cause;
    }
    await tx.settle();
    return result;
  }
}
