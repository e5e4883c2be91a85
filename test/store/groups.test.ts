import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelCallOpened, openStore, type Statement, type Store } from '#adapters/sql/index.ts';
import type { DecisionId, TenantId } from '#domain/ids.ts';
import { millis } from '#kernel/clock.ts';
import { nanoUsd } from '#kernel/money.ts';
import { ENGINES, startEngine, type StorePlaces } from '../engines/stores.ts';

const insert = (place: string): Statement => ({
  text: 'insert into provider_outage (place, failures, rests_until) values ($1, $2, $3)',
  values: [place, 1, 2],
});

describe.each(ENGINES)('groups of statements on %s', (engine) => {
  let places: StorePlaces | undefined;
  let store: Store | undefined;
  beforeAll(async () => {
    places = await startEngine(engine);
    store = places && (await openStore(places.next()));
  });
  afterAll(async () => {
    await store?.close();
    await places?.stop();
  });
  const count = async (): Promise<number> =>
    (await store?.queue.all<{ n: number }>('select count(*) as n from provider_outage'))?.[0]?.n ?? -1;

  it('are on record when they are told to be', async (context) => {
    if (store === undefined) return context.skip();
    const groups = Array.from({ length: 20 }, (_, g) =>
      Array.from({ length: 1 + (g % 8) }, (__, i) => insert(`${g}/${i}`)),
    );

    await Promise.all(groups.map((group) => store?.groups.commit(group)));

    expect(await count()).toBe(groups.flat().length);
  });

  it('are on record all or none, with the fault of the statement that failed', async (context) => {
    if (store === undefined) return context.skip();
    const before = await count();

    const broken = store.groups.commit([insert('a'), insert('b'), insert('c'), insert('0/0'), insert('d')]);

    await expect(broken).rejects.toThrow(/unique/i);
    expect(await count()).toBe(before);
    await store.groups.commit([insert('a'), insert('b'), insert('c'), insert('d')]);
    expect(await count()).toBe(before + 4);
  });

  it('record the beginning of a model call once, also when a thread died after it had written it', async (context) => {
    if (store === undefined) return context.skip();
    const opened = modelCallOpened({
      ...{ id: 'call_1', request: 'r', attempt: 1, tenant: 'one' as TenantId, key: 'k', asked: 'm', provider: 'p' },
      ...{ model: 'm', format: 'chat', plan: 'm', rung: 0, propensity: 1, decision: 'd' as DecisionId, block: 'b' },
      ...{ boundNano: nanoUsd(1), maxOutput: 1, ratesJson: '{}', sheet: 's', waitedMs: 0, at: millis(1) },
    });

    await store.groups.commit([opened]);
    await store.groups.commit([opened, insert('after')]);

    const calls = await store.queue.all<{ n: number }>(`select count(*) as n from model_call where id = 'call_1'`);
    expect(calls[0]?.n).toBe(1);
  });
});

it('a large group is written while the connection of this thread is busy elsewhere', async () => {
  const places = await startEngine('sqlite');
  const at = places?.next();
  if (places === undefined || at?.engine !== 'sqlite') throw new Error('SQLite is always there');
  const store = await openStore(at);
  const outside = new DatabaseSync(at.path);
  outside.exec('begin immediate');
  setTimeout(() => outside.exec('rollback'), 200);
  let ticks = 0;
  const tick = setInterval(() => ticks++, 5);

  await store.groups.commit(Array.from({ length: 8 }, (_, i) => insert(`${i}`)));

  clearInterval(tick);
  expect(ticks).toBeGreaterThan(10);
  expect((await store.queue.all<{ n: number }>('select count(*) as n from provider_outage'))[0]?.n).toBe(8);
  outside.close();
  await store.close();
  await places.stop();
});
