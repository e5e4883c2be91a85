import { afterEach, beforeEach, expect, test } from 'vitest';
import { openPreemptionOrders, putTaskWait, takePreemptionOrder } from '#adapters/sql/index.ts';
import type { Fleet } from '#app/qos/fleet.ts';
import { orderSlotPreemptions } from '#app/qos/slot-preemption.ts';
import type { TaskId } from '#domain/ids.ts';
import type { Priority } from '#domain/task.ts';
import type { Tenant } from '#domain/tenant.ts';
import { millis } from '#kernel/clock.ts';
import type { Measure } from '#qos/index.ts';
import { Place } from './place.ts';

let place: Place;
let asks: Tenant;
let has: Tenant;

beforeEach(async () => {
  place = await Place.open();
  asks = await place.tenant('asks');
  has = await place.tenant('has');
});
afterEach(() => place[Symbol.asyncDispose]());

/** A wait of one more hour than any promise allows. */
async function stands(tenant: Tenant, task: string, state: 'waiting' | 'running', priority: Priority): Promise<void> {
  const since = millis(place.house.clock.now() - 3_600_000);
  // The cast is true: it is the name of a task that only this table knows.
  await putTaskWait(place.house.store.truth, {
    task: task as TaskId,
    tenant: tenant.id,
    class: priority,
    state,
    since,
  });
}

/** Four slots, all taken; two of `asks` wait. */
async function fleetWhere(running: number, priority: Priority): Promise<Fleet> {
  for (let n = 0; n < 2; n++) await stands(asks, `waits-${n}`, 'waiting', priority);
  for (let n = 0; n < 4; n++) await stands(n < running ? asks : has, `runs-${n}`, 'running', 'lo');
  const loads = [
    { tenant: asks.id, weight: 1, waiting: 2, running, yielding: running },
    { tenant: has.id, weight: 1, waiting: 0, running: 4 - running, yielding: 4 - running },
  ];
  return { tenants: [asks, has], loads, slots: 4 };
}

async function ordersUnder(fleet: Fleet, measures: readonly Measure[]): Promise<readonly string[]> {
  await orderSlotPreemptions(place.house, fleet, measures);
  return (await openPreemptionOrders(place.house.store.truth)).map(({ id }) => id);
}

function measure(kind: Measure['kind'], value: number): Measure {
  return { kind, tenant: asks.id, value, since: 0, changedAt: 0, calmSince: null };
}

test('low priority work that is paused takes no slot by force, and what it had asked for is taken back', async () => {
  const fleet = await fleetWhere(0, 'lo');
  expect(await ordersUnder(fleet, [])).toEqual(['slot:waits-0', 'slot:waits-1']);

  expect(await ordersUnder(fleet, [measure('pause', 1)])).toEqual([]);
});

test('nor does low priority work whose throttled slots are taken', async () => {
  const fleet = await fleetWhere(1, 'lo');
  expect(await ordersUnder(fleet, [])).toEqual(['slot:waits-0']);
  await takePreemptionOrder(place.house.store.truth, 'slot:waits-0');

  expect(await ordersUnder(fleet, [measure('throttle', 0.5)])).toEqual([]);
});

test('urgent work of a paused tenant still gets its slot', async () => {
  const fleet = await fleetWhere(0, 'hi');

  expect(await ordersUnder(fleet, [measure('pause', 1)])).toEqual(['slot:waits-0', 'slot:waits-1']);
});
