import { afterAll, beforeAll, beforeEach, describe, expect, test, type TestContext } from 'vitest';
import { type Store, type StoreLocation, openStore } from '#adapters/sql/index.ts';
import type { Tx } from '#kernel/sql.ts';
import { ENGINES, type StorePlaces, startEngine } from '../engines/stores.ts';

describe.each(ENGINES)('%s', (engine) => {
  let places: StorePlaces | undefined;
  let location: StoreLocation;
  const open: Store[] = [];

  beforeAll(async () => {
    places = await startEngine(engine);
  });

  afterAll(async () => {
    await places?.stop();
  });

  beforeEach(() => {
    if (places !== undefined) location = places.next();
    return async () => {
      for (const store of open.splice(0)) await store.close();
    };
  });

  async function another(): Promise<Store> {
    const store = await openStore(location);
    open.push(store);
    return store;
  }

  /** A store with the table `item (id text, n bigint)`. */
  async function fresh(context: TestContext): Promise<Store> {
    if (places === undefined) context.skip('no engine');
    const store = await another();
    await store.truth.run('create table item (id text primary key, n bigint)');
    return store;
  }

  const insert = (tx: Tx, id: string, n: number | null) => tx.run('insert into item (id, n) values ($1, $2)', id, n);
  const read = (tx: Tx) => tx.all<{ id: string; n: number | null }>('select id, n from item order by id');

  test('text, large integers and nothing come back as they went in', async (context) => {
    const { truth } = await fresh(context);

    await insert(truth, 'größte 🎼', Number.MAX_SAFE_INTEGER);
    await insert(truth, 'kleinste', -Number.MAX_SAFE_INTEGER);
    await insert(truth, 'none', null);

    expect(await read(truth)).toEqual([
      { id: 'größte 🎼', n: Number.MAX_SAFE_INTEGER },
      { id: 'kleinste', n: -Number.MAX_SAFE_INTEGER },
      { id: 'none', n: null },
    ]);
  });

  test('sums, counts and comparisons are plain integers', async (context) => {
    const { truth } = await fresh(context);
    await insert(truth, 'a', 2);
    await insert(truth, 'b', 40);

    const rows = await truth.all('select sum(n) as total, count(*) as many, max(n) > 3 as big from item');

    expect(rows).toEqual([{ total: 42, many: 2, big: 1 }]);
  });

  test('a placeholder may stand twice, in any order, and inside quotes it is text', async (context) => {
    const { truth } = await fresh(context);

    await truth.run("insert into item (n, id) values ($2, $1), ($2, $1 || '$3')", 'a', 7);

    expect(await read(truth)).toEqual([
      { id: 'a', n: 7 },
      { id: 'a$3', n: 7 },
    ]);
  });

  test('fractions, numbers beyond 2^53 and a wrong number of values are refused', async (context) => {
    const { truth } = await fresh(context);

    await expect(insert(truth, 'a', 0.5)).rejects.toThrow(TypeError);
    await expect(insert(truth, 'a', 2 ** 53)).rejects.toThrow(TypeError);
    await expect(truth.run('insert into item (id, n) values ($1, $2)', 'a')).rejects.toThrow(TypeError);
    expect(await read(truth)).toEqual([]);
  });

  test('run gives the number of rows changed, and an upsert can return its row', async (context) => {
    const { truth } = await fresh(context);
    await insert(truth, 'a', 1);
    await insert(truth, 'b', 2);

    const changed = await truth.run('update item set n = n + $1 where n < $2', 10, 5);
    const rows = await truth.all(
      'insert into item (id, n) values ($1, $2) on conflict (id) do update set n = item.n + excluded.n returning n',
      'a',
      5,
    );

    expect(changed).toBe(2);
    expect(rows).toEqual([{ n: 16 }]);
  });

  test('a body that resolves is committed and its value given', async (context) => {
    const { truth, queue } = await fresh(context);

    const value = await truth.tx(async (tx) => {
      await insert(tx, 'a', 1);
      return 'done';
    });

    expect(value).toBe('done');
    expect(await read(queue)).toEqual([{ id: 'a', n: 1 }]);
  });

  test('a body that throws leaves nothing behind', async (context) => {
    const { truth } = await fresh(context);

    const failing = truth.tx(async (tx) => {
      await insert(tx, 'a', 1);
      throw new Error('changed my mind');
    });

    await expect(failing).rejects.toThrow('changed my mind');
    expect(await read(truth)).toEqual([]);
  });

  test('a failed statement dooms its transaction even when the body catches it', async (context) => {
    const { truth } = await fresh(context);
    await insert(truth, 'a', 1);

    const failing = truth.tx(async (tx) => {
      await insert(tx, 'b', 2);
      await insert(tx, 'a', 2).catch(() => undefined);
    });

    await expect(failing).rejects.toThrow(/unique/i);
    expect(await read(truth)).toEqual([{ id: 'a', n: 1 }]);
  });

  test('a statement that nobody awaited still belongs to its transaction', async (context) => {
    const { truth } = await fresh(context);

    await truth.tx(async (tx) => {
      void insert(tx, 'a', 1);
    });

    expect(await read(truth)).toEqual([{ id: 'a', n: 1 }]);
  });

  test('a transaction that has ended refuses every statement', async (context) => {
    const { truth } = await fresh(context);
    const leaked = await truth.tx(async (tx) => tx);

    await expect(leaked.run('delete from item')).rejects.toMatchObject({ code: 'TX_ENDED' });
    await expect(leaked.all('select 1 as one')).rejects.toMatchObject({ code: 'TX_ENDED' });
  });

  test('a transaction or statement begun inside a body is refused, and the outer one rolls back', async (context) => {
    const { truth, queue } = await fresh(context);
    const inside: ((tx: Tx) => Promise<unknown>)[] = [
      () => truth.tx(async () => undefined),
      () => truth.run('delete from item'),
      () => truth.all('select 1 as one'),
      () => queue.tx(async () => undefined),
    ];

    for (const nested of inside) {
      const outer = truth.tx(async (tx) => {
        await insert(tx, 'a', 1);
        await nested(tx);
      });
      await expect(outer).rejects.toMatchObject({ code: 'TX_NESTED' });
    }

    expect(await read(truth)).toEqual([]);
  });

  test('bodies that read and then write never lose an update, in one process and over two stores', async (context) => {
    const stores = [await fresh(context), await another()];
    await insert(stores[0]!.truth, 'counter', 0);
    const addOne = async (tx: Tx): Promise<void> => {
      const [row] = await tx.all<{ n: number }>('select n from item where id = $1', 'counter');
      await new Promise((resolve) => setImmediate(resolve));
      await tx.run('update item set n = $1 where id = $2', row!.n + 1, 'counter');
    };

    const ends = stores.flatMap((store) => [store.truth, store.queue]);
    await Promise.all(Array.from({ length: 40 }, (_, i) => ends[i % ends.length]!.tx(addOne)));

    expect(await read(stores[0]!.queue)).toEqual([{ id: 'counter', n: 40 }]);
  });

  test('two bodies that each check before they write cannot both pass the check', async (context) => {
    const stores = [await fresh(context), await another()];
    const addUnlessTwo = (id: string) => async (tx: Tx) => {
      const [row] = await tx.all<{ many: number }>('select count(*) as many from item');
      await new Promise((resolve) => setImmediate(resolve));
      if (row!.many < 2) await insert(tx, id, 1);
    };

    await Promise.all(Array.from({ length: 10 }, (_, i) => stores[i % 2]!.truth.tx(addUnlessTwo(`i${i}`))));

    expect(await read(stores[0]!.truth)).toHaveLength(2);
  });

  test('a plain statement waits for the transaction before it and does not see its unfinished rows', async (context) => {
    const { truth } = await fresh(context);
    let half = (): void => undefined;
    const halfway = new Promise<void>((resolve) => (half = resolve));

    const long = truth.tx(async (tx) => {
      await insert(tx, 'a', 1);
      half();
      await new Promise((resolve) => setTimeout(resolve, 20));
      throw new Error('rolled back');
    });
    const ended = expect(long).rejects.toThrow('rolled back'); // at once: it may end before the reader does
    await halfway;
    const seen = await read(truth);

    await ended;
    expect(seen).toEqual([]);
  });

  test("many processes' worth of openers bring a new store up to date at once", async (context) => {
    if (places === undefined) context.skip('no engine');

    const stores = await Promise.all(Array.from({ length: 8 }, () => another()));

    const applied = await stores[7]!.truth.all('select number from schema_migration order by number');
    expect(applied.length).toBeGreaterThan(0);
    expect(await stores[0]!.truth.all('select number from schema_migration order by number')).toEqual(applied);
  });

  test('a database that has had a migration unknown to this code is refused', async (context) => {
    const { truth } = await fresh(context);
    await truth.run("insert into schema_migration (number, name, applied_at) values (9999, 'future', 0)");

    await expect(openStore(location)).rejects.toMatchObject({ code: 'STORE_NEWER', details: { number: 9999 } });
  });
});
