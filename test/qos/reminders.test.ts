import { afterEach, beforeEach, expect, test } from 'vitest';
import { appendEvent } from '#adapters/sql/index.ts';
import { getRepo } from '#app/tenants/repositories.ts';
import { remind } from '#app/views/inbox.ts';
import type { House } from '#app/open.ts';
import type { Change } from '#domain/change.ts';
import type { RunId } from '#domain/ids.ts';
import type { Task } from '#domain/task.ts';
import type { Tenant } from '#domain/tenant.ts';
import { ManualClock, millis } from '#kernel/clock.ts';
import { ADA, Place } from './place.ts';

let place: Place;
let shop: Tenant;
let task: Task;
beforeEach(async () => {
  place = await Place.open();
  shop = await place.tenant('shop');
  task = await place.submit(shop);
});
afterEach(() => place[Symbol.asyncDispose]());

/** A change of the task that waits for a person. */
async function waiting(run: string): Promise<Change> {
  const { forge, store } = place.house;
  const { id: repo, head } = await getRepo(place.house, shop, 'repo');
  const about = { tenant: shop.id, repo, task: task.id, base: head, head, author: ADA.id };
  const change = await forge.open({ ...about, run: run as RunId, branch: `maestro/${run}`, title: run, body: '' });
  await store.truth.tx((tx) => forge.setState(tx, change.id, 'needs_human', { asks: [] }));
  return change;
}

/** The house so many intervals after the change was opened. */
const after = (change: Change, intervals: number): House => {
  const { house } = place;
  return { ...house, clock: new ManualClock(change.openedAt + intervals * house.remindEveryMs + 1) };
};

const reminded = async (): Promise<unknown[]> =>
  (await place.events('change.reminded')).map(({ data }) => data['change']);

test('a change is reminded of once an interval, whatever was said of earlier changes of its task', async () => {
  const earlier = 'chg_earlier';
  const { store } = place.house;
  const change = await waiting('run_2');
  for (const at of [0, 0, 1]) {
    const about = { tenant: shop.id, task: task.id, by: ADA.id, type: 'change.reminded' } as const;
    const when = millis(change.openedAt + at * place.house.remindEveryMs);
    await store.truth.tx((tx) => appendEvent(tx, when, { ...about, data: { change: earlier } }));
  }

  for (let second = 0; second < 3; second++) await remind(after(change, 1));
  expect(await reminded()).toEqual([earlier, earlier, earlier, change.id]);

  for (let second = 0; second < 3; second++) await remind(after(change, 4));
  expect(await reminded()).toEqual([earlier, earlier, earlier, change.id, change.id]);
});

test('processes that look at the same time remind once', async () => {
  const change = await waiting('run_1');

  await Promise.all([1, 2, 3].map(() => remind(after(change, 1))));

  expect(await reminded()).toEqual([change.id]);
});
