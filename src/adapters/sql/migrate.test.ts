import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ManualClock, systemClock } from '#kernel/clock.ts';
import { migrate, readMigrations } from './migrate.ts';
import { SqliteSql } from './sqlite.ts';

let dir: string;
let sql: SqliteSql;
const clock = new ManualClock(7);

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'maestro-migrations-'));
  sql = await SqliteSql.open({ path: ':memory:', synchronous: 'NORMAL', clock: systemClock });
});

afterEach(async () => {
  await sql.close();
  rmSync(dir, { recursive: true });
});

function write(files: { [name: string]: string }): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
}

const run = () => migrate(sql, readMigrations(dir, 'sqlite'), clock);
const applied = () => sql.all('select number, name, applied_at from schema_migration order by number');

test('migrations run in the order of their numbers, each once, also those that come later with a lower number', async () => {
  write({
    '0002-b.sql': 'create table b (n bigint); insert into b select count(*) from a',
    '0001-a.sql': 'create table a (n bigint)',
  });
  expect(await run()).toEqual([1, 2]);
  expect(await run()).toEqual([]);

  write({ '0020-t.sql': 'create table t (n bigint)' });
  expect(await run()).toEqual([20]);
  write({ '0010-q.sql': 'create table q (n bigint)' });
  expect(await run()).toEqual([10]);

  expect(await applied()).toEqual([1, 2, 10, 20].map((number) => expect.objectContaining({ number, applied_at: 7 })));
});

test('one that fails leaves the database as it was, and is named', async () => {
  write({
    '0001-a.sql': 'create table a (n bigint)',
    '0002-b.sql': 'create table b (n bigint); create tabel c (n bigint)',
  });

  await expect(run()).rejects.toMatchObject({ code: 'MIGRATION_INVALID', message: expect.stringContaining('2-b') });

  expect(await sql.all("select name from sqlite_master where type = 'table'")).toEqual([]);
});

test("an engine takes its own variant of a file and leaves the other one's", () => {
  write({
    '0001-a.sql': 'common',
    '0002-b.sql': 'common',
    '0002-b.pg.sql': 'of pg',
    '0003-c.sqlite.sql': 'of sqlite',
    '0003-c.pg.sql': 'of pg',
    '0004-d.pg.sql': 'of pg',
  });

  const texts = (engine: 'sqlite' | 'postgres') =>
    readMigrations(dir, engine).map(({ number, text }) => [number, text]);

  expect(texts('sqlite')).toEqual([
    [1, 'common'],
    [2, 'common'],
    [3, 'of sqlite'],
  ]);
  expect(texts('postgres')).toEqual([
    [1, 'common'],
    [2, 'of pg'],
    [3, 'of pg'],
    [4, 'of pg'],
  ]);
});

test.each([
  ['a name without a number', { 'a.sql': '' }],
  ['an unknown engine', { '0001-a.mysql.sql': '' }],
  ['one number for two names', { '0001-a.sql': '', '0001-b.sql': '' }],
])('%s is refused', (_, files) => {
  write(files);

  expect(() => readMigrations(dir, 'sqlite')).toThrow(expect.objectContaining({ code: 'MIGRATION_INVALID' }));
});
