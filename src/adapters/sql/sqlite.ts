import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Clock } from '#kernel/clock.ts';
import type { SqlParameter, SqlRow, Tx } from '#kernel/sql.ts';
import { StoreError } from './errors.ts';
import { Lane } from './lane.ts';
import type { MigratableSql, ScriptTx } from './migrate.ts';
import { checkValues, placeholders } from './placeholders.ts';
import { opened, type Sealer, stored } from './sealing.ts';
import { isBusy, sqliteFault } from './sqlite-faults.ts';
import { type Statements, TxScope } from './tx-scope.ts';

const CACHED_STATEMENTS = 500;
const BUSY_WAITS_MS = [0, 1, 1, 2, 2, 5, 5, 10, 25];

/** What connections of one process on one file share: at most one of them works at a time. */
export class SqliteTurn {
  readonly lane = new Lane();
  readonly scope = new TxScope();
}

export interface SqliteOptions {
  /** A file, or `:memory:`. */
  readonly path: string;
  /** FULL: a commit survives power loss. NORMAL: it survives the death of the process. */
  readonly synchronous: 'FULL' | 'NORMAL';
  readonly clock: Clock;
  /** Shared by the connections on one file, because two in one process would wait for each other for ever. */
  readonly turn?: SqliteTurn;
  /** Called when the disk is full: true when it made room, then the work is tried once more from its start. */
  readonly relieve?: () => boolean;
  /** Encrypts what is given as sealed. */
  readonly sealer?: Sealer | undefined;
  /** How long to wait for writers in other processes. */
  readonly busyMs?: number;
}

/** One connection of node:sqlite in WAL mode. Waiting for another process's lock never blocks the event loop. */
export class SqliteSql implements MigratableSql {
  readonly engine = 'sqlite';
  readonly #options: SqliteOptions;
  readonly #turn: SqliteTurn;
  readonly #database: DatabaseSync;
  readonly #cache = new Map<string, { readonly statement: StatementSync; readonly count: number }>();
  readonly #statements: Statements = {
    all: async (text, values) =>
      opened(
        this.#options.sealer,
        // The cast is true: blobs and big integers, the other values of SQLite, are never stored.
        this.#execute(text, values, (statement, bound) => statement.all(...bound)) as SqlRow[],
      ),
    run: async (text, values) =>
      this.#execute(text, values, (statement, bound) => Number(statement.run(...bound).changes)),
  };

  constructor(options: SqliteOptions) {
    this.#options = options;
    this.#turn = options.turn ?? new SqliteTurn();
    try {
      this.#database = new DatabaseSync(options.path);
    } catch (cause) {
      throw sqliteFault(cause, options.path);
    }
  }

  /** Opens the file, makes it if it is not there, and proves that it is a database that can be written. */
  static async open(options: SqliteOptions): Promise<SqliteSql> {
    const sql = new SqliteSql(options);
    try {
      await sql.#patiently(async () => {
        sql.#database.exec('pragma journal_mode = wal');
        // What is deleted is overwritten, so that an erased tenant's contents are in no free page.
        sql.#database.exec('pragma secure_delete = on');
        sql.#database.exec(`pragma synchronous = ${options.synchronous}`);
      });
    } catch (cause) {
      sql.#database.close();
      throw cause;
    }
    return sql;
  }

  async all<Row extends SqlRow>(text: string, ...values: SqlParameter[]): Promise<Row[]> {
    // The cast is true as far as the caller's statement names the columns of Row.
    return this.#inTurn(() => this.#patiently(() => this.#statements.all(text, values))) as Promise<Row[]>;
  }

  async run(text: string, ...values: SqlParameter[]): Promise<number> {
    return this.#inTurn(() => this.#patiently(() => this.#statements.run(text, values)));
  }

  async tx<T>(body: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#inTurn(async () => {
      await this.#patiently(async () => this.#database.exec('begin immediate'));
      try {
        const result = await this.#turn.scope.run(this.#statements, body);
        await this.#patiently(async () => this.#database.exec('commit'));
        return result;
      } catch (cause) {
        // After a full disk or an I/O error SQLite has rolled back by itself.
        if (this.#database.isTransaction) this.#database.exec('rollback');
        throw cause;
      }
    });
  }

  async exclusively<T>(body: (tx: ScriptTx) => Promise<T>): Promise<T> {
    return this.tx((tx) =>
      body({
        all: (text, ...values) => tx.all(text, ...values),
        run: (text, ...values) => tx.run(text, ...values),
        script: async (text) => this.#naming(() => this.#database.exec(text)),
      }),
    );
  }

  async close(): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#database.isOpen) this.#database.close();
    });
  }

  #inTurn<T>(job: () => Promise<T>): Promise<T> {
    this.#turn.scope.refuseInside();
    return this.#turn.lane.run(async () => {
      try {
        return await job();
      } catch (cause) {
        const full = cause instanceof StoreError && cause.code === 'STORE_FULL';
        if (!full || this.#options.relieve?.() !== true) throw cause;
        return await job();
      }
    });
  }

  /** Tries again while another process holds the lock, sleeping in between, then throws STORE_BUSY. */
  async #patiently<T>(attempt: () => Promise<T>): Promise<T> {
    const { clock, path, busyMs = 10_000 } = this.#options;
    const since = clock.now();
    for (let tries = 0; ; tries++) {
      try {
        return await attempt();
      } catch (cause) {
        if (!isBusy(cause)) throw sqliteFault(cause, path);
        if (clock.now() - since >= busyMs) {
          const message = `another process has held ${path} for ${busyMs} ms`;
          throw new StoreError('STORE_BUSY', message, { details: { path, busyMs }, cause });
        }
        await clock.sleep(BUSY_WAITS_MS[Math.min(tries, BUSY_WAITS_MS.length - 1)] ?? 0);
      }
    }
  }

  #execute<T>(
    text: string,
    values: readonly SqlParameter[],
    how: (statement: StatementSync, bound: (string | bigint | null)[]) => T,
  ): T {
    return this.#naming(() => {
      const { statement, count } = this.#prepared(text);
      const plain = stored(this.#options.sealer, values);
      checkValues(text, count, plain);
      // node:sqlite binds every number as a floating one; whole numbers have to go in as bigint.
      return how(
        statement,
        plain.map((value) => (typeof value === 'number' ? BigInt(value) : value)),
      );
    });
  }

  #naming<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      throw sqliteFault(cause, this.#options.path);
    }
  }

  #prepared(text: string): { readonly statement: StatementSync; readonly count: number } {
    let entry = this.#cache.get(text);
    if (entry === undefined) {
      const { text: rewritten, count } = placeholders(text);
      entry = { statement: this.#database.prepare(rewritten), count };
      if (this.#cache.size >= CACHED_STATEMENTS) this.#cache.delete(this.#cache.keys().next().value ?? '');
      this.#cache.set(text, entry);
    }
    return entry;
  }
}
