import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '#kernel/clock.ts';
import { systemRandom } from '#kernel/random.ts';
import type { Sql } from '#kernel/sql.ts';
import { StoreError } from './errors.ts';
import { type MigratableSql, migrate, readMigrations } from './migrate.ts';
import { PostgresSql } from './postgres.ts';
import { SqliteSql, SqliteTurn } from './sqlite.ts';

export type StoreLocation =
  | { readonly engine: 'sqlite'; readonly path: string }
  | { readonly engine: 'postgres'; readonly url: string; readonly schema?: string };

/** The truth of the system. What `truth` has committed survives power loss; `queue` may lose its last moments then. */
export interface Store {
  readonly truth: Sql;
  readonly queue: Sql;
  close(): Promise<void>;
}

const MIGRATIONS = fileURLToPath(new URL('./migrations/', import.meta.url));

/** Opens or makes the store and brings its schema up to date. Any number of processes may do so at once. */
export async function openStore(location: StoreLocation): Promise<Store> {
  const clock = systemClock; // drivers wait for other processes, whose time is the real one
  if (location.engine === 'postgres') {
    const { url, schema = 'maestro' } = location;
    const pool = new PostgresSql({ url, schema, clock, random: systemRandom });
    return prepared({ truth: pool, queue: pool });
  }
  const { path } = location;
  const turn = new SqliteTurn();
  if (path === ':memory:') {
    const only = await SqliteSql.open({ path, synchronous: 'NORMAL', clock, turn });
    return prepared({ truth: only, queue: only });
  }
  makeFolder(dirname(path));
  const truth = await SqliteSql.open({ path, synchronous: 'FULL', clock, turn });
  const queue = await SqliteSql.open({ path, synchronous: 'NORMAL', clock, turn });
  return prepared({ truth, queue });
}

async function prepared(ends: { truth: MigratableSql; queue: Sql }): Promise<Store> {
  const close = async (): Promise<void> => {
    await ends.queue.close();
    await ends.truth.close();
  };
  try {
    await migrate(ends.truth, readMigrations(MIGRATIONS, ends.truth.engine), systemClock);
  } catch (cause) {
    await close();
    throw cause;
  }
  return { ...ends, close };
}

function makeFolder(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    const code = ['EROFS', 'EACCES', 'EPERM'].includes(reason) ? 'STORE_READ_ONLY' : 'STORE_CANNOT_OPEN';
    throw new StoreError(code, `cannot make the folder ${dir}: ${reason}`, { details: { path: dir }, cause });
  }
}
