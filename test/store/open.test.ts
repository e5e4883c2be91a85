import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { STORE_ERRORS, StoreError, openStore } from '#adapters/sql/index.ts';
import { mountSmallDisk } from '../engines/tmpfs.ts';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'maestro-open-'));
});

afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

async function refusal(path: string): Promise<StoreError> {
  const refused = await openStore({ engine: 'sqlite', path }).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (!(refused instanceof StoreError)) throw new Error(`not refused with a StoreError: ${String(refused)}`);
  expect(refused.cure).toBe(STORE_ERRORS[refused.code].cure);
  return refused;
}

async function makeStore(path: string): Promise<void> {
  const store = await openStore({ engine: 'sqlite', path });
  await store.close();
}

test('a file that is no database is refused and left as it is', async () => {
  const path = join(dir, 'maestro.db');
  const before = 'not a database, '.repeat(1_000);
  writeFileSync(path, before);

  expect(await refusal(path)).toMatchObject({ code: 'STORE_CORRUPT', details: { path } });
  expect(readFileSync(path, 'utf8')).toBe(before);
});

test('a database with a page full of noise is refused', async () => {
  const path = join(dir, 'maestro.db');
  await makeStore(path);
  const bytes = readFileSync(path);
  bytes.fill(0xa5, 100, 4_096); // the schema, behind an intact header
  writeFileSync(path, bytes);

  expect(await refusal(path)).toMatchObject({ code: 'STORE_CORRUPT', details: { path } });
});

test('a path that cannot be a file in a folder is refused', async () => {
  writeFileSync(join(dir, 'file'), '');
  mkdirSync(join(dir, 'folder.db'));

  expect(await refusal(join(dir, 'file', 'maestro.db'))).toMatchObject({ code: 'STORE_CANNOT_OPEN' });
  expect(await refusal(join(dir, 'folder.db'))).toMatchObject({ code: 'STORE_CANNOT_OPEN' });
});

test('a database in a folder that cannot be written is refused, new or not', async (context) => {
  const disk = mountSmallDisk(8 * 1024 * 1024);
  if (disk === undefined) return context.skip('no tmpfs');
  try {
    const path = join(disk.dir, 'data', 'maestro.db');
    await makeStore(path);
    disk.makeReadOnly();

    expect(await refusal(path)).toMatchObject({ code: 'STORE_READ_ONLY' });
    expect(await refusal(join(disk.dir, 'data', 'other.db'))).toMatchObject({ code: 'STORE_READ_ONLY' });
    expect(await refusal(join(disk.dir, 'elsewhere', 'maestro.db'))).toMatchObject({ code: 'STORE_READ_ONLY' });
  } finally {
    disk.remove();
  }
});

test('a database file that this user may not write is refused', async (context) => {
  if (process.getuid?.() !== 0) return context.skip('only root can take the place of another user');
  const path = join(dir, 'maestro.db');
  await makeStore(path);
  chmodSync(dir, 0o777);
  chmodSync(path, 0o444);
  const index = fileURLToPath(new URL('../../src/adapters/sql/index.ts', import.meta.url));
  const program = `
    const { openStore } = await import(${JSON.stringify(index)});
    await openStore({ engine: 'sqlite', path: ${JSON.stringify(path)} }).catch((fault) => console.log(fault.code));`;

  const args = [
    '--reuid=65534',
    '--regid=65534',
    '--clear-groups',
    process.execPath,
    '--input-type=module',
    '-e',
    program,
  ];
  const { stdout } = spawnSync('/usr/bin/setpriv', args, { encoding: 'utf8' });

  expect(stdout.trim()).toBe('STORE_READ_ONLY');
});

test('a Postgres that does not answer is named, without its password', async () => {
  const url = 'postgresql://me:secret@127.0.0.1:1/db';

  const refused = await openStore({ engine: 'postgres', url }).catch((cause: unknown) => cause);

  expect(refused).toMatchObject({ code: 'STORE_UNREACHABLE', message: expect.stringContaining('127.0.0.1') });
  expect(JSON.stringify(refused)).not.toContain('secret');
});

test('a missing folder is made, for its owner only', async () => {
  const path = join(dir, 'a', 'b', 'maestro.db');

  await makeStore(path);

  expect(statSync(join(dir, 'a', 'b')).mode & 0o777).toBe(0o700);
});
