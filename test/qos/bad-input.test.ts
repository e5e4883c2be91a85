import { afterEach, beforeEach, expect, test } from 'vitest';
import { findTask, findTenant, listCards } from '#adapters/sql/index.ts';
import { eraseTenant } from '#app/governance/erase.ts';
import { settleForgotten } from '#app/qos/forgotten-holds.ts';
import { cancel } from '#app/tasks/task-control.ts';
import { changeTenant, getTenant } from '#app/tenants/tenants.ts';
import type { Task } from '#domain/task.ts';
import type { Tenant } from '#domain/tenant.ts';
import { millis } from '#kernel/clock.ts';
import { type NanoUsd, nanoUsd, usd } from '#kernel/money.ts';
import { ADA, Place } from './place.ts';

let place: Place;
beforeEach(async () => {
  place = await Place.open({ ladder: { burst: 1, lowNano: usd(0.1) } });
});
afterEach(() => place[Symbol.asyncDispose]());

const stateOf = async ({ tenant, id }: Task): Promise<Task['state'] | undefined> =>
  (await findTask(place.house.store.truth, tenant, id))?.state;

/** What a scope has spent and holds. */
async function balanceOf(scope: string): Promise<{ readonly spent: number; readonly held: number }> {
  const balance = await place.house.store.truth.tx((tx) => place.house.ledger.balance(tx, scope));
  return { spent: balance?.spentNano ?? 0, held: balance?.heldNano ?? 0 };
}

test('a tenant that is not there is refused by name, and the queue takes no work of it', async () => {
  const { house } = place;
  const ghost = { ...(await place.tenant('real')), id: 'ghost' as Tenant['id'] };

  await expect(getTenant(house, 'ghost')).rejects.toMatchObject({ code: 'NO_SUCH_TENANT' });
  const job = { id: 'task_x' as Task['id'], tenant: ghost.id, priority: 'lo', readyAt: millis(0) } as const;
  await expect(house.queue.enqueue(job)).rejects.toMatchObject({ code: 'TENANT_UNKNOWN' });
  expect(await house.queue.counts()).toEqual([{ tenant: 'real', waiting: 0, running: 0 }]);
});

test("a tenant's cap cannot be set below what it has spent and holds", async () => {
  const shop = await place.tenant('shop', { budgetNano: usd(1) });
  await place.submit(shop, { maxNano: usd(0.4) });
  const { held } = await balanceOf('tenant:shop');

  const cap = (budgetNano: NanoUsd) => changeTenant(place.house, shop.id, (stands) => ({ ...stands, budgetNano }), ADA);
  await expect(cap(nanoUsd(held - 1))).rejects.toMatchObject({
    code: 'CAP_BELOW_USED',
  });
  expect((await findTenant(place.house.store.truth, shop.id))?.budgetNano).toBe(usd(1));
  await cap(nanoUsd(held));
  expect((await place.submit(shop)).state).toBe('deferred');
});

test('a tenant with work is not erased, wherever the work stands; when it has ended it is', async () => {
  const { house } = place;
  const shop = await place.tenant('shop', { budgetNano: usd(0.06) });
  const queued = await place.submit(shop, { maxNano: usd(0.05) });
  const deferred = await place.submit(shop, { maxNano: usd(0.05) });
  expect([queued.state, deferred.state]).toEqual(['queued', 'deferred']);

  await expect(eraseTenant(house, shop, ADA)).rejects.toMatchObject({ code: 'TENANT_BUSY' });
  // A queue that has lost everything does not make the tenant idle.
  expect(await house.queue.remove(queued.id)).toBe(true);
  await expect(eraseTenant(house, shop, ADA)).rejects.toMatchObject({ code: 'TENANT_BUSY' });
  expect(await findTenant(house.store.truth, shop.id)).toBeDefined();
  await cancel(house, queued, ADA);
  await expect(eraseTenant(house, shop, ADA)).rejects.toMatchObject({ code: 'TENANT_BUSY' }); // one waits for money

  const { id, tenant } = deferred;
  const now = await findTask(house.store.truth, tenant, id);
  if (now !== undefined) await cancel(house, now, ADA);
  await eraseTenant(house, shop, ADA);

  expect(await findTenant(house.store.truth, shop.id)).toBeUndefined();
  expect(await house.queue.counts()).toEqual([]);
});

test('a cost that nobody ever reports is spent at its bound, and told', async () => {
  const { house } = place;
  const shop = await place.tenant('shop');
  const task = await place.submit(shop, { maxNano: usd(0.05) });
  // Its worker ended the task and died before it settled.
  await house.store.truth.run("update task set state = 'failed' where id = $1", task.id);
  await settleForgotten(house);
  expect(await balanceOf('tenant:shop')).toEqual({ spent: 0, held: usd(0.05) });

  const later = { ...house.clock, now: () => millis(house.clock.now() + 61_000) };
  await settleForgotten({ ...house, clock: later });
  await settleForgotten({ ...house, clock: later });

  expect(await balanceOf('tenant:shop')).toEqual({ spent: usd(0.05), held: 0 });
  expect((await place.events('budget.settled_at_bound')).map(({ data }) => data['boundNano'])).toEqual([usd(0.05)]);
});

test('work that lies about what it used is charged what it really used, and no tenant gains by it', async () => {
  const { house } = place;
  const tenants: { readonly tenant: Tenant; readonly task: Task }[] = [];
  for (const [id, claim] of Object.entries({ thrifty: -1e12, lavish: 1e15, broken: Number.NaN })) {
    const tenant = await place.tenant(id);
    tenants.push({ tenant, task: await place.submit(tenant, { steps: 2 }) });
    place.lies.set(id, claim);
  }

  await place.work(async () => {
    const states = await Promise.all(tenants.map(({ task }) => stateOf(task)));
    return states.every((state) => state === 'no_change' || state === 'failed');
  });

  for (const { tenant } of tenants) {
    const { spent, held } = await balanceOf(`tenant:${tenant.id}`);
    expect(held).toBe(0);
    expect(spent).toBeGreaterThan(0);
    expect(spent).toBeLessThan(usd(0.05)); // a few seconds of a slot
    expect(await listCards(house.store.truth, { tenant: tenant.id, limit: 10 })).toEqual([]);
  }
  expect(await place.events('budget.breached')).toEqual([]);
  const { spent } = await balanceOf('org');
  expect(spent).toBe(
    (await Promise.all(tenants.map(({ tenant }) => balanceOf(`tenant:${tenant.id}`)))).reduce(
      (sum, one) => sum + one.spent,
      0,
    ),
  );
});
