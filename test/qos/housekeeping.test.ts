import { afterEach, beforeEach, expect, test } from 'vitest';
import { findTask } from '#adapters/sql/index.ts';
import type { House } from '#app/open.ts';
import { cancel } from '#app/tasks/task-control.ts';
import { Housekeeping } from '#app/upkeep/housekeeping.ts';
import { Worker } from '#app/worker.ts';
import type { Json } from '#kernel/json.ts';
import { usd } from '#kernel/money.ts';
import { withPart } from '../with-part.ts';
import { ADA, Place } from './place.ts';

let place: Place;
let faults: { readonly text: string; readonly [field: string]: Json }[];
beforeEach(async () => {
  place = await Place.open({ ladder: { burst: 1, lowNano: usd(0.1) } });
  faults = [];
});
afterEach(() => place[Symbol.asyncDispose]());

const log: House['log'] = {
  log: (level, text, fields) => {
    if (level === 'error') faults.push({ text, ...fields });
  },
};

test('a store that is away while a worker stops does not make the worker fail', async () => {
  const sealAudit = (): Promise<void> => Promise.reject(new Error('unreachable'));
  const stop = new AbortController();

  const working = new Worker({ ...place.house, sealAudit, log }, 1).run(stop.signal);
  stop.abort();
  await working;

  expect(faults.filter(({ text }) => text.startsWith('the last events'))).toHaveLength(1);
});

test('a tenant whose deferred work cannot be looked at keeps no other from being woken', async () => {
  await place.tenant('broken');
  const shop = await place.tenant('shop', { budgetNano: usd(0.06) });
  const first = await place.submit(shop);
  const waits = await place.submit(shop);
  expect(waits.state).toBe('deferred');
  await cancel(place.house, first, ADA);
  const { truth } = place.house.store;
  const all: typeof truth.all = async (text, ...values) => {
    if (values.includes('broken') && values.includes('deferred')) throw new Error('unreadable');
    return truth.all(text, ...values);
  };
  const store = { ...place.house.store, truth: withPart(truth, { all }) };

  await new Housekeeping({ ...place.house, store, log }).round();

  expect(faults).toEqual([expect.objectContaining({ tenant: 'broken', error: 'Error: unreadable' })]);
  expect((await findTask(truth, shop.id, waits.id))?.state).toBe('queued');
});
