import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findTask, findTaskWait, listCards, listRuns, startsWithin } from '#adapters/sql/index.ts';
import { budgets, setScopeBudget, topUpScope } from '#app/tenants/budgets.ts';
import { resume, stop, stopped } from '#app/qos/stop.ts';
import { changeTenant, topUp } from '#app/tenants/tenants.ts';
import type { Event } from '#domain/event.ts';
import type { Task } from '#domain/task.ts';
import type { Tenant } from '#domain/tenant.ts';
import { millis } from '#kernel/clock.ts';
import { nanoUsd, usd } from '#kernel/money.ts';
import { ADA, Place } from './place.ts';

let place: Place;

beforeEach(async () => {
  // All of a budget may go at once, so that no test depends on the day of the week.
  const ladder = { burst: 1, lowNano: usd(0.1) };
  place = await Place.open({ ladder, slo: { periodMs: 604_800_000, preemptAfter: 0.25, quantumMs: 300 } });
});
afterEach(() => place[Symbol.asyncDispose]());

async function stateOf(task: Task): Promise<Task['state'] | undefined> {
  return (await findTask(place.house.store.truth, task.tenant, task.id))?.state;
}

async function allAre(tasks: readonly Task[], state: Task['state']): Promise<boolean> {
  for (const task of tasks) if ((await stateOf(task)) !== state) return false;
  return true;
}

/** What the system did by itself: each such event has one card that names it, and each card one event. */
async function cardsMatch(tenants: readonly Tenant[]): Promise<number> {
  const types = ['budget.downshifted', 'task.deferred', 'task.preempted', 'throttle.changed'] as const;
  const events = (await place.events(...types, 'task.denied')).filter(
    ({ type, data }) => type !== 'task.denied' || data['card'] !== undefined,
  );
  const cards = [];
  for (const { id } of tenants) cards.push(...(await listCards(place.house.store.truth, { tenant: id, limit: 1000 })));
  const named = (event: Event): unknown => event.data['card'];
  expect(cards.map(({ id }) => id).sort()).toEqual(events.map(named).sort());
  for (const card of cards) {
    expect(card.reasons.length).toBeGreaterThan(0);
    expect(card.nextStep).not.toBe('');
  }
  return cards.length;
}

describe('preemption', () => {
  test('a tenant within its share gets a slot of the one over it; the preempted work goes on and loses nothing', async () => {
    const startWithinMs = millis(2000);
    const flood = await place.tenant('flood', { startWithinMs });
    const quiet = await place.tenant('quiet', { startWithinMs });
    const long = [await place.submit(flood, { steps: 10 }), await place.submit(flood, { steps: 10 })];
    let urgent: Task | undefined;

    await place.work(async () => {
      if (urgent === undefined && place.began.length > 2) urgent = await place.submit(quiet);
      return urgent !== undefined && (await allAre([...long, urgent], 'no_change'));
    });

    const preempted = await place.events('task.preempted');
    expect(preempted.map(({ tenant }) => tenant)).toEqual(['flood']);
    const ended = (await place.events('task.ended')).map(({ task }) => task);
    expect(ended.indexOf(urgent?.id)).toBeLessThan(ended.indexOf(preempted[0]?.task));
    for (const task of long) {
      const steps = place.began.filter(({ step }) => step.startsWith(`${task.id} `)).map(({ step }) => step);
      expect(steps).toEqual(Array.from({ length: 10 }, (_, i) => `${task.id} ${i}`));
      expect(await listRuns(place.house.store.truth, task.tenant, task.id)).toHaveLength(1);
    }
    expect(await cardsMatch([flood, quiet])).toBe(1);
    const told = JSON.stringify(await place.toldTo(flood));
    expect(told).toContain('a tenant within its share had waited');
    expect(told).not.toContain('quiet');
    expect(told).not.toContain(urgent?.id);
  });

  test('urgent work gets a slot of its own tenant, which reads for which task', async () => {
    const shop = await place.tenant('shop', { startWithinMs: millis(2000) });
    await place.submit(shop, { steps: 10 });
    await place.submit(shop, { steps: 10 });
    let urgent: Task | undefined;

    await place.work(async () => {
      if (urgent === undefined && place.began.length > 2) urgent = await place.submit(shop, { priority: 'hi' });
      return urgent !== undefined && (await allAre([urgent], 'no_change'));
    });

    const [preempted] = await place.events('task.preempted');
    expect(preempted?.data['waitedFor']).toBe(urgent?.id);
    expect(JSON.stringify(preempted?.data['reasons'])).toContain('urgent work of this tenant had waited');
  });
});

describe('emergency stop', () => {
  test('nothing begins while all is stopped, what ran is kept, and resume carries it on', async () => {
    const one = await place.tenant('one');
    const two = await place.tenant('two');
    const tasks = [await place.submit(one, { steps: 8 }), await place.submit(two, { steps: 8 })];
    let before = 0;
    let stoppedAt = 0;

    await place.work(async () => {
      if (place.began.length < 3) return false;
      if (stoppedAt === 0) {
        await stop(place.house, undefined, ADA);
        stoppedAt = Date.now();
      }
      if (Date.now() - stoppedAt < 1500) return false;
      before = place.began.length;
      return Date.now() - stoppedAt > 3000;
    });
    const waiting = await place.submit(one);
    expect(before).toBe(place.began.length);
    expect(await allAre([...tasks, waiting], 'queued')).toBe(true);
    expect(await stopped(place.house, one.id)).toMatchObject({ scope: '*', by: 'human:ada' });

    await resume(place.house, undefined, ADA);
    await place.work(() => allAre([...tasks, waiting], 'no_change'));

    const redone = place.began.length - (8 + 8 + 1);
    expect(redone).toBeGreaterThanOrEqual(0);
    expect(redone).toBeLessThanOrEqual(2); // at most the step that was cut off, of each
    for (const { id: tenant } of [one, two]) {
      const { clock, store } = place.house;
      const starts = await startsWithin(store.truth, { tenant, class: 'lo' }, clock.now(), 3_600_000);
      expect(starts).toEqual({ good: 1, bad: 0 }); // the first start; what waited under the stop counts for nothing
    }
  });

  test('a stop of one tenant leaves the other alone, and twice is the same as once', async () => {
    const one = await place.tenant('one');
    const two = await place.tenant('two');
    expect(await stop(place.house, one, ADA)).toMatchObject({ scope: 'one', changed: true });
    expect(await stop(place.house, one, ADA)).toMatchObject({ changed: false });
    const halted = await place.submit(one);
    const free = await place.submit(two);

    await place.work(() => allAre([free], 'no_change'));

    expect(await stateOf(halted)).toBe('queued');
    expect(await stopped(place.house, two.id)).toBeUndefined();
  });
});

describe('budgets', () => {
  test('agent work is shifted to cheaper plans, lo is deferred, hi refused, each with one card; a top-up wakes what waits', async () => {
    const shop = await place.tenant('shop', { budgetNano: usd(10) });
    const submitAgent = (priority: 'hi' | 'lo', dollars: number): Promise<Task> =>
      place.submit(shop, { agent: true, priority, maxNano: usd(dollars) });

    const admitted = [await submitAgent('lo', 4), await submitAgent('lo', 4), await submitAgent('lo', 4)];
    const waits = await submitAgent('lo', 4);
    const refused = await submitAgent('hi', 40);
    expect(await allAre(admitted, 'queued')).toBe(true);
    const plans = (await place.events('task.admitted')).map(({ data }) => data['plan']);
    expect(plans).toEqual(['full', 'full', 'quarter']);
    expect([waits.state, refused.state]).toEqual(['deferred', 'denied']);
    expect(waits.reasons[0]).toMatchObject({ code: 'BUDGET_EXHAUSTED' });
    expect(waits.reasons[0]?.fix).toContain('maestro budget top-up --scope tenant:shop --usd 1.00');
    expect(await cardsMatch([shop])).toBe(3);

    await topUp(place.house, shop, usd(100), ADA);

    expect(await stateOf(waits)).toBe('queued');
    expect(await cardsMatch([shop])).toBe(3);
  });

  test('a plan that costs less is taken when little is left, and the card says which scope and numbers', async () => {
    const team = await place.tenant('web', { budgetNano: usd(100), team: 'front' });
    await setScopeBudget(place.house, 'team:front', { capNano: usd(6), period: 'month' }, ADA);

    const task = await place.submit(team, { agent: true, maxNano: usd(8) });

    expect(task.state).toBe('queued');
    const [card] = await listCards(place.house.store.truth, { task: task.id });
    expect(card).toMatchObject({ event: 'budget.downshifted', rule: 'DOWNSHIFT_ROOM' });
    expect(card?.reasons[0]?.msg).toContain('team:front');
    const held = await budgets(place.house);
    for (const scope of ['org', 'team:front', 'tenant:web']) {
      expect(held.find((row) => row.scope === scope)?.heldUsd).toBe(4);
    }
    expect(await cardsMatch([team])).toBe(1);
  });

  test('company and team caps refuse like others, are raised by a top-up, and never go below what is used', async () => {
    const web = await place.tenant('web', { budgetNano: usd(100), team: 'front' });
    await setScopeBudget(place.house, 'org', { capNano: usd(0.12), period: 'month' }, ADA);
    const [one, two, three] = [await place.submit(web), await place.submit(web), await place.submit(web)];
    expect([one.state, two.state, three.state]).toEqual(['queued', 'queued', 'deferred']);
    const lower = setScopeBudget(place.house, 'org', { capNano: usd(0.01), period: 'month' }, ADA);
    await expect(lower).rejects.toMatchObject({ code: 'CAP_BELOW_USED' });
    await expect(topUpScope(place.house, 'team:front', usd(1), ADA)).rejects.toMatchObject({
      code: 'SCOPE_WITHOUT_CAP',
    });
    await expect(topUpScope(place.house, 'team:nobody', usd(1), ADA)).rejects.toMatchObject({ code: 'NO_SUCH_SCOPE' });

    await topUpScope(place.house, 'org', usd(10), ADA);

    expect(await allAre([one, two, three], 'queued')).toBe(true);
  });

  test('when nearly all is spent running lo work gives way at its next step, and goes on after a top-up', async () => {
    const shop = await place.tenant('shop', { budgetNano: usd(1) });
    const task = await place.submit(shop, { steps: 8 });
    const { ledger, store } = place.house;
    const dear = { key: 'model/1', scopes: ['org', 'tenant:shop'], boundNano: usd(0.94), priority: 'hi' } as const;
    expect((await store.truth.tx((tx) => ledger.reserve(tx, dear))).kind).toBe('held');
    let isSpent = false;

    await place.work(async () => {
      if (!isSpent && place.began.length > 1) {
        isSpent = true;
        await store.truth.tx((tx) => ledger.settle(tx, dear.key, dear.boundNano));
      }
      return (await stateOf(task)) === 'deferred';
    });
    const [shown] = await listCards(store.truth, { task: task.id });
    expect(shown).toMatchObject({ event: 'task.preempted', rule: 'PREEMPTED_BUDGET' });
    expect(await store.truth.tx((tx) => ledger.openHolds(tx))).toEqual([]);
    const other = await place.submit(shop);
    expect(other.reasons).toMatchObject([{ code: 'BUDGET_LOW' }]);

    await topUp(place.house, shop, usd(1), ADA);
    await place.work(() => allAre([task, other], 'no_change'));

    const steps = place.began.filter(({ step }) => step.startsWith(`${task.id} `)).map(({ step }) => step);
    expect(steps).toEqual(Array.from({ length: 8 }, (_, i) => `${task.id} ${i}`));
    const [sum] = await store.truth.all<{ settled: number; spent: number }>(
      `select sum(e.actual_nano) as settled, max(s.spent_nano) as spent from ledger_entry e
       join ledger_entry_scope p on p.key = e.key and p.scope = 'tenant:shop'
       join ledger_scope s on s.scope = p.scope and s.starts_at = p.starts_at`,
    );
    expect(sum?.settled).toBe(sum?.spent);
    expect(await cardsMatch([shop])).toBe(2);
  });
});

test('a weight, team or cap that makes no sense is refused by name', async () => {
  for (const weight of [0, -1, Number.NaN, Infinity, 0.001]) {
    await expect(place.tenant('bad', { weight })).rejects.toMatchObject({ code: 'TENANT_INVALID' });
  }
  await expect(place.tenant('bad', { team: 'No Team' })).rejects.toMatchObject({ code: 'TENANT_INVALID' });
  const good = await place.tenant('good');
  await expect(
    changeTenant(place.house, good.id, () => ({ ...good, budgetNano: nanoUsd(-1) }), ADA),
  ).rejects.toMatchObject({
    code: 'TENANT_INVALID',
  });
  expect(await findTaskWait(place.house.store.truth, 'task_none' as Task['id'])).toBeUndefined();
});
