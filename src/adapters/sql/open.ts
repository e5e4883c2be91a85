import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TenantId } from '#domain/ids.ts';
import { systemClock } from '#kernel/clock.ts';
import { systemRandom } from '#kernel/random.ts';
import type { Sql } from '#kernel/sql.ts';
import { Groups } from './groups.ts';
import { DiskReserve, type Space } from './disk-reserve.ts';
import { StoreError } from './errors.ts';
import { type MigratableSql, migrate, readMigrations } from './migrate.ts';
import { secureRows } from './row-security.ts';
import type { Sealer } from './sealing.ts';
import { SqliteSql, SqliteTurn } from './sqlite.ts';

export type StoreLocation =
  | {
      readonly engine: 'sqlite';
      readonly path: string;
      /** Room kept on the disk for work that has begun, bytes; see DiskReserve. */
      readonly reserve?: { readonly bytes: number; readonly lowBytes: number };
    }
  | { readonly engine: 'postgres'; readonly url: string; readonly schema?: string };

/** The truth of the system. What `truth` has committed survives power loss; `queue` may lose its last moments then. */
export interface Store {
  readonly truth: Sql;
  readonly queue: Sql;
  /** As `queue`, for statements that come many at once. */
  readonly groups: Groups;
  /**
   * What the body reads from the truth it reads as the tenant: where the engine can, the database itself shows no row of
   * another one, whatever a statement asks for. For reads only.
   */
  within<T>(tenant: TenantId, body: () => Promise<T>): Promise<T>;
  /** True when the database holds tenants apart itself, by row-level security. */
  readonly rowSecurity: boolean;
  /** Room for what is still to be written: ask before admitting work. */
  space(): Space;
  close(): Promise<void>;
}

/** Where the engine has no row-level security, statements name the tenant and nothing else does. */
const unscoped: Store['within'] = (_, body) => body();

const MIGRATIONS = fileURLToPath(new URL('./migrations/', import.meta.url));

/**
 * Opens or makes the store and brings its schema up to date. Any number of processes may do so at once. Without a sealer
 * nothing is encrypted.
 */
export async function openStore(location: StoreLocation, sealer?: Sealer): Promise<Store> {
  const clock = systemClock; // drivers wait for other processes, whose time is the real one
  const unknown: Space = { freeBytes: null, low: false };
  if (location.engine === 'postgres') {
    const { url, schema = 'maestro' } = location;
    const { PostgresSql } = await import('./postgres.ts'); // loaded where it is used
    const pool = new PostgresSql({ url, schema, clock, random: systemRandom, sealer });
    const queue = pool.outside();
    const store = await upToDate({ truth: pool, queue, groups: new Groups(queue), space: () => unknown });
    const rowSecurity = await secureRows(pool, schema).catch(async (cause: unknown) => {
      await store.close();
      throw cause;
    });
    return { ...store, rowSecurity, within: rowSecurity ? (tenant, body) => pool.within(tenant, body) : unscoped };
  }
  const { path } = location;
  const turn = new SqliteTurn();
  if (path === ':memory:') {
    const only = await SqliteSql.open({ path, synchronous: 'NORMAL', clock, turn, sealer });
    return upToDate({ truth: only, queue: only, groups: new Groups(only), space: () => unknown });
  }
  makeWritable(path);
  const reserve = location.reserve && new DiskReserve({ path: `${path}-reserve`, ...location.reserve });
  reserve?.space();
  const relieve = (): boolean => reserve?.release() ?? false;
  const truth = await SqliteSql.open({ path, synchronous: 'FULL', clock, turn, relieve, sealer });
  const queue = await SqliteSql.open({ path, synchronous: 'NORMAL', clock, turn, relieve, sealer }).catch(
    async (cause) => {
      await truth.close();
      throw cause;
    },
  );
  const groups = new Groups(queue, path);
  return upToDate({ truth, queue, groups, space: () => reserve?.space() ?? unknown });
}

async function upToDate(ends: {
  truth: MigratableSql;
  queue: Sql;
  groups: Groups;
  space: () => Space;
}): Promise<Store> {
  const close = async (): Promise<void> => {
    await ends.groups[Symbol.asyncDispose]();
    await ends.queue.close();
    await ends.truth.close();
  };
  try {
    await migrate(ends.truth, readMigrations(MIGRATIONS, ends.truth.engine), systemClock);
  } catch (cause) {
    await close();
    throw cause;
  }
  return { ...ends, close, within: unscoped, rowSecurity: false };
}

/** Makes the folder of the file. SQLite itself opens what it may not write, and fails only later. */
function makeWritable(path: string): void {
  let nearest = resolve(path);
  while (!existsSync(nearest)) nearest = dirname(nearest);
  try {
    accessSync(nearest, constants.W_OK); // `mkdir` with parents calls a read-only disk a missing file
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    const readOnly = ['EROFS', 'EACCES', 'EPERM'].includes(reason);
    const code = readOnly ? 'STORE_READ_ONLY' : reason === 'ENOSPC' ? 'STORE_FULL' : 'STORE_CANNOT_OPEN';
    throw new StoreError(code, `cannot write ${nearest}: ${reason}`, { details: { path }, cause });
  }
}
