import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '#kernel/clock.ts';
import { SqliteSql } from './sqlite.ts';

let dir: string;
const open: SqliteSql[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'maestro-sqlite-'));
});

afterEach(async () => {
  for (const sql of open.splice(0)) await sql.close();
  rmSync(dir, { recursive: true });
});

/** A connection as another process has it: it shares nothing with the others but the file. */
async function connect(more: { busyMs?: number; relieve?: () => boolean } = {}): Promise<SqliteSql> {
  const sql = await SqliteSql.open({ path: join(dir, 'a.db'), synchronous: 'FULL', clock: systemClock, ...more });
  open.push(sql);
  return sql;
}

test('commits are synced as asked for, in a log beside the file', async () => {
  const sql = await connect();

  expect(await sql.all('pragma journal_mode')).toEqual([{ journal_mode: 'wal' }]);
  expect(await sql.all('pragma synchronous')).toEqual([{ synchronous: 2 }]);
});

test('while another process holds the lock the event loop goes on, and a late lock is still taken', async () => {
  const [holder, waiter] = [await connect(), await connect()];
  await holder.run('create table item (n bigint)');
  const order: string[] = [];

  const held = holder.tx(async (tx) => {
    await tx.run('insert into item values (1)');
    await new Promise((resolve) => setTimeout(resolve, 30));
    order.push('holder');
  });
  const waited = waiter.tx(async (tx) => {
    order.push('waiter');
    return tx.all('select n from item');
  });
  setTimeout(() => order.push('timer'), 5);

  expect(await waited).toEqual([{ n: 1 }]);
  await held;
  expect(order).toEqual(['timer', 'holder', 'waiter']);
});

test('a lock that is never given up is a clear error after some time', async () => {
  const [holder, waiter] = [await connect(), await connect({ busyMs: 20 })];
  let letGo = (): void => undefined;
  const held = holder.tx(() => new Promise<void>((resolve) => (letGo = resolve)));

  await expect(waiter.tx(async () => 1)).rejects.toMatchObject({ code: 'STORE_BUSY', details: { busyMs: 20 } });

  letGo();
  await held;
  expect(await waiter.tx(async () => 1)).toBe(1);
});

test('thousands of different statements do not pile up', async () => {
  const sql = await connect();

  for (let i = 0; i < 1_100; i++) expect(await sql.all(`select ${i} as n`)).toEqual([{ n: i }]);
  expect(await sql.all('select 0 as n')).toEqual([{ n: 0 }]);
});
