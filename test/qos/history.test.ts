import { afterEach, beforeEach, expect, test } from 'vitest';
import { appendEvent } from '#adapters/sql/index.ts';
import { workloadSoFar } from '#app/qos/history.ts';
import type { NewEvent } from '#domain/event.ts';
import type { Tenant } from '#domain/tenant.ts';
import { ManualClock, millis } from '#kernel/clock.ts';
import { ADA, Place } from './place.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 5, 30);

let place: Place;
let shop: Tenant;
beforeEach(async () => {
  place = await Place.open();
  shop = await place.tenant('shop');
});
afterEach(() => place[Symbol.asyncDispose]());

/** So many events of the tenant, a second from each other, the first at this time. */
async function happened(times: number, first: number, event: Pick<NewEvent, 'type' | 'data'>): Promise<void> {
  await place.house.store.truth.tx(async (tx) => {
    for (let i = 0; i < times; i++) {
      await appendEvent(tx, millis(first + i * 1000), { tenant: shop.id, by: ADA.id, ...event });
    }
  });
}

test('the load of the last days is all of theirs, however long the history before them is', async () => {
  const submitted = { type: 'task.submitted', data: {} } as const;
  await happened(10_000, NOW - 30 * DAY, submitted);
  await happened(10, NOW - 30 * DAY, { type: 'usage.charged', data: { slotMs: 5000 } });
  await happened(1200, NOW - 2 * HOUR, submitted);
  await happened(2, NOW - HOUR, { type: 'usage.charged', data: { slotMs: 60_000 } });
  await happened(1, NOW - HOUR, { type: 'usage.charged', data: { slotMs: 1, step: 'run' } });

  const load = await workloadSoFar({ ...place.house, clock: new ManualClock(NOW) }, 7 * DAY);

  expect(load).toMatchObject([{ id: 'shop', meanMs: 60_000, cv: 0, arrivals: { kind: 'poisson', perHour: 600 } }]);
});
