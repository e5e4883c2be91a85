import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Store, openStore } from '#adapters/sql/index.ts';
import { mountSmallDisk, type SmallDisk } from '../engines/tmpfs.ts';

const MIB = 1024 * 1024;
const reserve = { bytes: 1 * MIB, lowBytes: 2 * MIB };

/** A store with the table `item (id, text)` on a disk of 8 MiB. */
async function onSmallDisk(): Promise<{ disk: SmallDisk; store: Store } | undefined> {
  const disk = mountSmallDisk(8 * MIB);
  if (disk === undefined) return undefined;
  const store = await openStore({ engine: 'sqlite', path: join(disk.dir, 'maestro.db'), reserve });
  onTestFinished(async () => {
    await store.close();
    disk.remove();
  });
  await store.truth.run('create table item (id bigint primary key, text text not null)');
  return { disk, store };
}

function fill(disk: SmallDisk, leaving: number): void {
  const { bavail, bsize } = statfsSync(disk.dir);
  writeFileSync(join(disk.dir, 'filler'), Buffer.alloc(Math.max(0, bavail * bsize - leaving)));
}

const add = (store: Store, id: number) =>
  store.truth.tx((tx) => tx.run('insert into item (id, text) values ($1, $2)', id, 'x'.repeat(1_000)));

async function healthy(store: Store, rows: number): Promise<void> {
  expect(await store.truth.all('select count(*) as rows from item')).toEqual([{ rows }]);
  expect(await store.truth.all('pragma integrity_check')).toEqual([{ integrity_check: 'ok' }]);
}

/** Writes rows from `from` on until the disk is full; gives how many there are then. */
async function writeUntilFull(store: Store, from: number): Promise<number> {
  for (let id = from; ; id++) {
    const full = await add(store, id).then(
      () => false,
      (cause: unknown) => (expect(cause).toMatchObject({ code: 'STORE_FULL' }), true),
    );
    if (full) return id;
  }
}

test('admission is told to stop before the disk is full, and to go on when there is room again', async (context) => {
  const setting = await onSmallDisk();
  if (setting === undefined) return context.skip('no tmpfs');
  const { disk, store } = setting;

  const roomy = store.space();
  fill(disk, reserve.lowBytes - MIB);
  const low = store.space();
  rmSync(join(disk.dir, 'filler'));

  expect(roomy.low).toBe(false);
  expect(low).toMatchObject({ low: true, freeBytes: expect.any(Number) });
  expect(low.freeBytes).toBeLessThan(reserve.lowBytes);
  expect(store.space().low).toBe(false);
});

test('on a full disk what has begun is still written from the reserve, no row is lost, and work goes on later', async (context) => {
  const setting = await onSmallDisk();
  if (setting === undefined) return context.skip('no tmpfs');
  const { disk, store } = setting;
  fill(disk, 100_000);

  const rows = await writeUntilFull(store, 0);

  // With its log the disk had room for a dozen rows, the reserve for a hundred more.
  expect(rows).toBeGreaterThan(80);
  expect(store.space().low).toBe(true);
  await healthy(store, rows);

  rmSync(join(disk.dir, 'filler'));
  expect(store.space().low).toBe(false);
  await add(store, rows);
  await healthy(store, rows + 1);

  // The reserve is there again for the next time.
  fill(disk, 100_000);
  const second = await writeUntilFull(store, rows + 1);
  expect(second - rows).toBeGreaterThan(80);
  await healthy(store, second);
});

test('a store opened on a full disk says so and cures itself', async (context) => {
  const disk = mountSmallDisk(8 * MIB);
  if (disk === undefined) return context.skip('no tmpfs');
  onTestFinished(() => disk.remove());
  const location = { engine: 'sqlite', path: join(disk.dir, 'maestro.db'), reserve } as const;

  for (const leaving of [0, 20_000, 50_000]) {
    fill(disk, leaving);
    await expect(openStore(location)).rejects.toMatchObject({ code: 'STORE_FULL', cure: /space/ });
    rmSync(join(disk.dir, 'filler'));
  }

  const store = await openStore(location);
  expect(store.space().low).toBe(false);
  await store.close();
});
