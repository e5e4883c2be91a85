import { createServer } from 'node:http';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  addStarts,
  deleteOldMinutes,
  listAlerts,
  listCards,
  listMeasures,
  openStore,
  startsWithin,
} from '#adapters/sql/index.ts';
import { burnRound } from '#app/qos/burns.ts';
import { fleet } from '#app/qos/fleet.ts';
import { sloStatus } from '#app/qos/slo-view.ts';
import { resume, stop } from '#app/qos/stop.ts';
import { countLateWaits, markFreshWaits } from '#app/qos/waits.ts';
import type { TenantId } from '#domain/ids.ts';
import type { Tenant } from '#domain/tenant.ts';
import { millis } from '#kernel/clock.ts';
import { seededRandom } from '#kernel/random.ts';
import { firstMinute, MinuteCounts } from '#qos/index.ts';
import { ENGINES, startEngine, type StorePlaces } from '../engines/stores.ts';
import { ADA, eventually, Place } from './place.ts';

const MINUTE = 60_000;
const WEEK = 7 * 86_400_000;

describe.each(ENGINES)('starts counted in %s', (engine) => {
  let places: StorePlaces | undefined;
  beforeAll(async () => {
    places = await startEngine(engine);
  });
  afterAll(async () => places?.stop());

  test('give the same windows as those in memory, also after old minutes are dropped and when the clock goes back', async (context) => {
    if (places === undefined) return context.skip('no engine');
    const store = await openStore(places.next());
    const objective = { tenant: 'web' as TenantId, class: 'lo' } as const; // true: the tenant of this test
    const memory = new MinuteCounts({ keepMs: WEEK });
    const random = seededRandom(4);
    let now = 1_800_000_000_000;

    for (let i = 0; i < 150; i++) {
      now += random.integer(90_000) - (random.integer(10) === 0 ? 200_000 : 0);
      const outcome = random.integer(3) === 0 ? 'bad' : 'good';
      memory.count(now, outcome);
      await addStarts(store.truth, objective, millis(now), { good: 0, bad: 0, [outcome]: 1 });
      if (i % 25 === 0) await deleteOldMinutes(store.truth, firstMinute(now, 60 * MINUTE));
      for (const span of [5, 30, 60]) {
        const found = await startsWithin(store.truth, objective, millis(now), span * MINUTE);
        expect(found).toEqual(memory.within(now, span * MINUTE));
      }
    }
    await store.close();
  });
});

test('an outage is an event, a card for each measure, and is told to webhook and Alertmanager until they have it', async () => {
  const told: { readonly path: string; readonly body: unknown }[] = [];
  let refusals = 1;
  // A double of both receivers: it refuses once, and takes what Alertmanager's published description of its API v2 takes.
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      if (refusals-- > 0) return response.writeHead(503).end();
      told.push({ path: request.url ?? '', body: JSON.parse(text) as unknown });
      return response.writeHead(200).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const url = `http://127.0.0.1:${address.port}`;
  const place = await Place.open({}, `alert:\n  webhookUrl: ${url}/hook\n  alertmanagerUrl: ${url}\n`);
  const { house } = place;
  const quiet = await place.tenant('quiet');
  const now = house.clock.now();
  await house.store.truth.tx((tx) => addStarts(tx, { tenant: quiet.id, class: 'lo' }, now, { good: 20, bad: 180 }));

  await burnRound(house, await fleet(house));
  await burnRound(house, await fleet(house));

  expect((await listAlerts(house.store.truth)).map(({ rule }) => rule).sort()).toEqual([
    'burn-1h',
    'burn-24h',
    'burn-6h',
  ]);
  expect((await place.events('slo.alerted')).map(({ data }) => data['state'])).toEqual(['firing', 'firing', 'firing']);
  const throttles = await place.events('throttle.changed');
  const cards = await listCards(house.store.truth, { tenant: quiet.id, limit: 100 });
  expect(throttles.length).toBeGreaterThan(0);
  expect(cards.map(({ id }) => id).sort()).toEqual(throttles.map(({ data }) => data['card']).sort());
  const row = (await sloStatus(house)).find((one) => one.tenant === 'quiet' && one.class === 'lo');
  expect(row).toMatchObject({ budgetLeft: 0, firing: expect.arrayContaining(['burn-1h']) as unknown });
  expect(row?.throttles.map(({ measure }) => measure)).toContain('freeze');

  await eventually(async () => {
    await house.outbox.drain(new AbortController().signal);
    return told.length >= 6;
  });
  const posted = told.filter(({ path }) => path === '/api/v2/alerts').map(({ body }) => body);
  expect(posted).toHaveLength(3);
  for (const alerts of posted) {
    expect(alerts).toMatchObject([{ labels: { alertname: 'MaestroErrorBudgetBurn', tenant: 'quiet' } }]);
  }
  expect(told.filter(({ path }) => path === '/hook')).toHaveLength(3);
  await place[Symbol.asyncDispose]();
  server.close();
});

test('a measure against one tenant tells it nothing of the tenant that burns', async () => {
  await using place = await Place.open();
  const { house } = place;
  const flood = await place.tenant('flood');
  const quiet = await place.tenant('quiet', { slo: 0.987 });
  await house.store.truth.tx(async (tx) => {
    await addStarts(tx, { tenant: quiet.id, class: 'lo' }, house.clock.now(), { good: 20, bad: 180 });
    await addStarts(tx, { tenant: flood.id, class: 'lo' }, house.clock.now(), { good: 96, bad: 4 });
  });
  const loads = [
    { tenant: flood.id, weight: 1, waiting: 20, running: 4, yielding: 4 },
    { tenant: quiet.id, weight: 1, waiting: 1, running: 0, yielding: 0 },
  ];
  const over = { tenants: [flood, quiet], loads, slots: 4 };

  await burnRound(house, over);
  await burnRound(house, { ...over, loads: loads.map((load) => ({ ...load, waiting: 0, running: 0 })) });

  const changes = (await place.events('throttle.changed')).filter(({ tenant }) => tenant === flood.id);
  const kinds = ['throttle', 'pause', 'freeze', 'throttle', 'pause'];
  expect(changes.map(({ data }) => data['measure'])).toEqual(kinds);
  const told = JSON.stringify(await place.toldTo(flood));
  for (const secret of ['quiet', '98.7', '69.2']) expect(told).not.toContain(secret);
  expect(told).toContain('another tenant burns its error budget too fast (burn-1h)');
  expect(told).toContain('burns most","value":"flood, lo, objective 99 %'); // of its own freeze
  expect(JSON.stringify(await place.toldTo(quiet))).toContain('quiet burns its error budget 69.2 times too fast');
});

describe('an emergency stop spends no error budget', () => {
  const STARTS_WITHIN_MS = 300;
  const late = (): Promise<void> => pause(STARTS_WITHIN_MS + 100);
  let place: Place;
  let shop: Tenant;
  beforeEach(async () => {
    place = await Place.open({ workers: 3 });
    shop = await place.tenant('shop', { startWithinMs: millis(STARTS_WITHIN_MS) });
  });
  afterEach(() => place[Symbol.asyncDispose]());

  async function submitThree(): Promise<void> {
    for (let n = 0; n < 3; n++) await place.submit(shop);
  }

  /** What the governor does, with time for every start to come too late. */
  async function round(): Promise<void> {
    await markFreshWaits(place.house, await fleet(place.house));
    await late();
    await countLateWaits(place.house, await fleet(place.house));
    await burnRound(place.house, await fleet(place.house));
  }

  async function nothingCounted(): Promise<void> {
    const { store, clock } = place.house;
    const starts = await startsWithin(store.truth, { tenant: shop.id, class: 'lo' }, clock.now(), WEEK);
    expect(starts).toEqual({ good: 0, bad: 0 });
    expect(await listAlerts(store.truth)).toEqual([]);
    expect(await listMeasures(store.truth)).toEqual([]);
  }

  test('with what waited already', async () => {
    await submitThree();
    await markFreshWaits(place.house, await fleet(place.house));
    await stop(place.house, undefined, ADA);

    await round();
    await resume(place.house, undefined, ADA);
    await round();

    await nothingCounted();
  });

  test('with what is submitted while it holds', async () => {
    await stop(place.house, shop, ADA);
    await submitThree();

    await round();
    await nothingCounted();
    await resume(place.house, shop, ADA);
    await round();

    await nothingCounted();
  });

  test('with what nobody looked at before it was over', async () => {
    await stop(place.house, shop, ADA);
    await submitThree();
    await late();
    await resume(place.house, shop, ADA);

    await round();

    await nothingCounted();
  });

  test('but waits that begin after it count again', async () => {
    await stop(place.house, shop, ADA);
    await resume(place.house, shop, ADA);
    await submitThree();

    await round();

    expect((await listAlerts(place.house.store.truth)).length).toBeGreaterThan(0);
  });
});
