import { afterEach, beforeEach, expect, test } from 'vitest';
import { JobMeter } from '#app/qos/job-meter.ts';
import { setScopeBudget } from '#app/tenants/budgets.ts';
import type { Task } from '#domain/task.ts';
import type { Tenant } from '#domain/tenant.ts';
import { millis } from '#kernel/clock.ts';
import { usd } from '#kernel/money.ts';
import type { ClaimedJob } from '#qos/index.ts';
import { ADA, Place } from './place.ts';

const DAY = 86_400_000;
let place: Place;
let shop: Tenant;
let task: Task;
beforeEach(async () => {
  place = await Place.open();
  shop = await place.tenant('shop');
  task = await place.submit(shop, { steps: 15 });
});
afterEach(() => place[Symbol.asyncDispose]());

/** Puts a call of a model on the task's record, as the gateway does. */
async function call(id: string, costNano: number | null): Promise<void> {
  const { truth } = place.house.store;
  await truth.run(
    `insert into model_call (id, tenant, request, attempt, key, task, run, asked, provider, model, format, plan, rung,
       propensity_ppm, decision, block, bound_nano, max_output, rates, sheet, waited_ms, at, ended_at, cost_nano)
     values ($1, $2, $1, 1, 'k', $3, 'run_1', 'm', 'p', 'm', 'chat', 'single', 0, 1000000, 'd', 'b', $4, 1, '{}', 's', 0, 0, $5, $6)`,
    id,
    shop.id,
    task.id,
    usd(0.5),
    costNano === null ? null : 1,
    costNano,
  );
}

test('dollars count beside slots once the company has a budget, by the greater part, and each claim pays for its own', async () => {
  const { house } = place;
  await house.store.truth.run(
    "insert into run (id, tenant, task, epoch, owner, lease_until, state, started_at) values ('run_1', $1, $2, 1, 'w', 0, 'open', 0)",
    shop.id,
    task.id,
  );
  await call('before', usd(100)); // of an earlier claim, which has paid for it
  const job = (await house.queue.claim({ owner: 'w', leaseMs: 60_000 })) as ClaimedJob;
  let ahead = 0;
  const clock = { ...house.clock, now: () => millis(house.clock.now() + ahead) };
  const meter = new JobMeter({ ...house, clock }, job);
  expect(await meter.cost()).toBeLessThan(5000);
  await call('now', usd(1));
  expect(await meter.cost()).toBeLessThan(5000); // no budget of the company: only slots are scarce

  await setScopeBudget(house, 'org', { capNano: usd(86.4), period: 'day' }, ADA);
  ahead = 10_000; // a look at budgets holds so long

  // $86.40 a day buy 1000 nano-dollars a millisecond for two slots: one dollar is a million of them, and two slots as long.
  expect(await meter.cost()).toBe((2 * usd(1)) / (usd(86.4) / DAY));
  await call('open', null); // a call under way counts by its bound
  expect(await meter.cost()).toBe((2 * usd(1.5)) / (usd(86.4) / DAY));
});

test('what runs is charged while it runs, not only when it ends', async () => {
  const tags: number[] = [];

  await place.work(async () => {
    const [row] = await place.house.store.queue.all<{ f: number }>("select f from fair_tenant where tenant = 'shop'");
    tags.push(row?.f ?? 0);
    return place.began.length === 15;
  });

  const steps = new Set(tags);
  expect(steps.size).toBeGreaterThanOrEqual(3);
  expect(tags).toEqual(tags.toSorted((a, b) => a - b));
});
