import { AsyncLocalStorage } from 'node:async_hooks';
import pg from 'pg';
import type { Clock } from '#kernel/clock.ts';
import type { Random } from '#kernel/random.ts';
import type { Sql, SqlParameter, SqlRow, Tx } from '#kernel/sql.ts';
import { StoreError } from './errors.ts';
import type { MigratableSql, ScriptTx } from './migrate.ts';
import { checkValues, placeholders } from './placeholders.ts';
import { postgresFault, unreachable, wantsRetry } from './postgres-faults.ts';
import { TENANT_ROLE } from './row-security.ts';
import { opened, type Sealer, stored } from './sealing.ts';
import { type Statements, TxScope } from './tx-scope.ts';

const PATIENCE_MS = 10_000;
const LONGEST_PAUSE_MS = 100;
const IN_LINE_AFTER_CONFLICT_MS = 500;
// Object ids of built-in types, `select oid, typname from pg_type`.
const BOOL = 16;
const INT8 = 20;
const NUMERIC = 1700;

export interface PostgresOptions {
  readonly url: string;
  /** Made when it is not there. */
  readonly schema: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Encrypts what is given as sealed. */
  readonly sealer?: Sealer | undefined;
  readonly connections?: number;
}

function exactNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) throw new RangeError(`${text} is beyond 2^53`);
  return value;
}

function typeParser(oid: number): (text: string) => unknown {
  if (oid === INT8 || oid === NUMERIC) return exactNumber;
  if (oid === BOOL) return (text) => (text === 't' ? 1 : 0); // as SQLite has it
  return pg.types.getTypeParser(oid) as (text: string) => unknown;
}

function statementsOn(client: pg.ClientBase, sealer: Sealer | undefined): Statements {
  const query = async (text: string, values: readonly SqlParameter[]) => {
    const plain = stored(sealer, values);
    checkValues(text, placeholders(text).count, plain);
    return client.query<SqlRow>(text, plain);
  };
  return {
    all: async (text, values) => opened(sealer, (await query(text, values)).rows),
    run: async (text, values) => (await query(text, values)).rowCount ?? 0,
  };
}

/**
 * A pool on one schema of Postgres. Isolation is SERIALIZABLE: bodies are written once for both engines and rely on
 * SQLite's single writer, and only this level gives a read followed by a write the same meaning here. What Postgres
 * undoes for it (40001, or a deadlock, 40P01) is run again from the start. For a moment after such a conflict transactions go
 * one after another, so that a row that everybody writes makes them wait instead of failing each other for ever.
 */
export class PostgresSql implements MigratableSql {
  readonly engine = 'postgres';
  readonly #options: PostgresOptions;
  readonly #pool: pg.Pool;
  readonly #server: string;
  readonly #scope = new TxScope();
  readonly #tenant = new AsyncLocalStorage<string | undefined>();
  #inLineUntil = 0;

  constructor(options: PostgresOptions) {
    this.#options = options;
    const { hostname, searchParams } = new URL(options.url);
    this.#server = hostname || (searchParams.get('host') ?? 'localhost');
    this.#pool = new pg.Pool({
      connectionString: options.url,
      max: options.connections ?? 10,
      connectionTimeoutMillis: 10_000,
      options: `-c search_path=${options.schema} -c default_transaction_isolation=serializable`,
      types: { getTypeParser: typeParser },
    });
    // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
    this.#pool.on('error', () => undefined);
  }

  /** What the body reads, anywhere in it, it reads as the tenant: the database shows no row of another one, and writes fail. */
  within<T>(tenant: string, body: () => Promise<T>): Promise<T> {
    return this.#tenant.run(tenant, body);
  }

  /** The same connections for what belongs to no tenant, such as the order of work: it is never within one. */
  outside(): Sql {
    const outside = <T>(work: () => Promise<T>): Promise<T> => this.#tenant.run(undefined, work);
    return {
      engine: this.engine,
      all: (text, ...values) => outside(() => this.all(text, ...values)),
      run: (text, ...values) => outside(() => this.run(text, ...values)),
      tx: (body) => outside(() => this.tx(body)),
      close: () => this.close(),
    };
  }

  async all<Row extends SqlRow>(text: string, ...values: SqlParameter[]): Promise<Row[]> {
    // The cast is true as far as the caller's statement names the columns of Row.
    return this.#alone((statements) => statements.all(text, values)) as Promise<Row[]>;
  }

  async run(text: string, ...values: SqlParameter[]): Promise<number> {
    return this.#alone((statements) => statements.run(text, values));
  }

  async tx<T>(body: (tx: Tx) => Promise<T>): Promise<T> {
    this.#scope.refuseInside();
    return this.#retrying(() => {
      const work = (client: pg.PoolClient): Promise<T> =>
        transaction(client, this.#begin(), () => this.#scope.run(statementsOn(client, this.#options.sealer), body));
      const inLine = this.#options.clock.now() < this.#inLineUntil;
      return this.#onOneClient(inLine ? (client) => this.#inLine(client, work) : work);
    });
  }

  /** One process at a time for one schema; sees what the one before it committed. */
  async exclusively<T>(body: (tx: ScriptTx) => Promise<T>): Promise<T> {
    const { schema } = this.#options;
    const work = async (client: pg.PoolClient): Promise<T> => {
      await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`maestro migrate ${schema}`]);
      await client.query(`create schema if not exists ${pg.escapeIdentifier(schema)}`);
      return this.#scope.run(statementsOn(client, this.#options.sealer), (tx) =>
        body({
          all: (text, ...values) => tx.all(text, ...values),
          run: (text, ...values) => tx.run(text, ...values),
          script: async (text) => void (await client.query(text)),
        }),
      );
    };
    return this.#retrying(() =>
      this.#onOneClient((client) => transaction(client, 'begin isolation level read committed', () => work(client))),
    );
  }

  async close(): Promise<void> {
    if (!this.#pool.ended) await this.#pool.end();
  }

  async #alone<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    this.#scope.refuseInside();
    const scoped = this.#tenant.getStore() !== undefined;
    return this.#retrying(() =>
      this.#onOneClient((client) => {
        const done = (): Promise<T> => work(statementsOn(client, this.#options.sealer));
        return scoped ? transaction(client, this.#begin(), done) : done();
      }),
    );
  }

  /** Begins a transaction: as the tenant in whose scope the code runs, or as the conductor. */
  #begin(): string {
    const tenant = this.#tenant.getStore();
    if (tenant === undefined) return 'begin';
    return `begin read only; set local role ${TENANT_ROLE}; set local maestro.tenant = ${pg.escapeLiteral(tenant)}`;
  }

  /** Waits before `begin`, because the transaction must see what those before it in the line committed. */
  async #inLine<T>(client: pg.PoolClient, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const line = `maestro line ${this.#options.schema}`;
    await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [line]);
    try {
      return await work(client);
    } finally {
      await client.query('select pg_advisory_unlock(hashtextextended($1, 0))', [line]);
    }
  }

  /** A connection that breaks under the work is thrown away, and the work's fault is then STORE_UNREACHABLE. */
  async #onOneClient<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect().catch((cause: unknown) => {
      throw unreachable(cause, this.#server);
    });
    let lost: Error | undefined;
    const onError = (error: Error): void => {
      lost = error;
    };
    client.on('error', onError); // without a listener it would end the process
    try {
      return await work(client);
    } catch (cause) {
      throw lost === undefined ? cause : unreachable(cause, this.#server);
    } finally {
      client.off('error', onError);
      client.release(lost);
    }
  }

  async #retrying<T>(attempt: () => Promise<T>): Promise<T> {
    const { clock, random } = this.#options;
    const since = clock.now();
    for (let tries = 1; ; tries++) {
      try {
        return await attempt();
      } catch (cause) {
        if (!wantsRetry(cause)) throw postgresFault(cause, this.#server);
        if (clock.now() - since >= PATIENCE_MS) {
          const message = `other transactions came first ${tries} times in ${PATIENCE_MS} ms`;
          throw new StoreError('STORE_CONFLICT', message, { details: { tries }, cause });
        }
        this.#inLineUntil = clock.now() + IN_LINE_AFTER_CONFLICT_MS;
        await clock.sleep(random.integer(Math.min(LONGEST_PAUSE_MS, 2 ** tries)));
      }
    }
  }
}

async function transaction<T>(client: pg.PoolClient, begin: string, work: () => Promise<T>): Promise<T> {
  try {
    await client.query(begin);
    const result = await work();
    await client.query('commit');
    return result;
  } catch (cause) {
    await client.query('rollback');
    throw cause;
  }
}
