import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '#kernel/clock.ts';
import type { Sql, Tx } from '#kernel/sql.ts';
import { StoreError } from './errors.ts';

/** A transaction that also takes a script of several statements without values. */
export interface ScriptTx extends Tx {
  script(text: string): Promise<void>;
}

/** A driver that can change the schema: `exclusively` runs its body while no other process does, in one transaction. */
export interface MigratableSql extends Sql {
  exclusively<T>(body: (tx: ScriptTx) => Promise<T>): Promise<T>;
}

export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly text: string;
}

const FILE = /^(\d{4})-([a-z0-9-]+)(?:\.(sqlite|pg))?\.sql$/;
const LEDGER = `create table if not exists schema_migration (
  number integer primary key,
  name text not null,
  applied_at bigint not null
)`;

/** The migrations of a folder for one engine, in order. `NNNN-name.pg.sql` stands in for `NNNN-name.sql` on Postgres. */
export function readMigrations(dir: string, engine: Sql['engine']): Migration[] {
  const suffix = engine === 'postgres' ? 'pg' : 'sqlite';
  const chosen = new Map<number, Migration & { readonly own: boolean }>();
  for (const file of readdirSync(dir).filter((name) => name.endsWith('.sql'))) {
    const [, digits, name, only] = FILE.exec(file) ?? [];
    if (digits === undefined || name === undefined) throw invalid(file, 'its name is not NNNN-name.sql');
    if (only !== undefined && only !== suffix) continue;
    const number = Number(digits);
    const other = chosen.get(number);
    if (other !== undefined && other.name !== name) throw invalid(file, `${other.name} has the same number`);
    if (other === undefined || !other.own) {
      chosen.set(number, { number, name, text: readFileSync(join(dir, file), 'utf8'), own: only !== undefined });
    }
  }
  return [...chosen.values()].sort((a, b) => a.number - b.number);
}

/**
 * Applies each migration that the database has not had yet, in order, all or none; gives their numbers.
 * Several processes may start at once. Throws STORE_NEWER when the database has had one that this code does not know.
 */
export async function migrate(sql: MigratableSql, migrations: readonly Migration[], clock: Clock): Promise<number[]> {
  return sql.exclusively(async (tx) => {
    await tx.script(LEDGER);
    const rows = await tx.all<{ number: number; name: string }>('select number, name from schema_migration');
    const unknown = rows.find((row) => !migrations.some((known) => known.number === row.number));
    if (unknown !== undefined) {
      const message = `the database has had migration ${unknown.number} (${unknown.name}), which this version does not know`;
      throw new StoreError('STORE_NEWER', message, { details: { ...unknown } });
    }
    const due = migrations.filter((migration) => !rows.some((row) => row.number === migration.number));
    for (const { number, name, text } of due) {
      await tx.script(text).catch((cause: unknown) => {
        if (cause instanceof StoreError) throw cause;
        throw invalid(`${number}-${name}`, cause instanceof Error ? cause.message : String(cause), cause);
      });
      await tx.run(
        'insert into schema_migration (number, name, applied_at) values ($1, $2, $3)',
        number,
        name,
        clock.now(),
      );
    }
    return due.map((migration) => migration.number);
  });
}

function invalid(file: string, why: string, cause?: unknown): StoreError {
  return new StoreError('MIGRATION_INVALID', `migration ${file}: ${why}`, { details: { file }, cause });
}
