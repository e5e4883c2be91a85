import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { changeTask, findOpenRun, findTask, findTaskWait } from '#adapters/sql/index.ts';
import { resume, stop } from '#app/qos/stop.ts';
import { admit, wakeDeferred } from '#app/tasks/admit.ts';
import { cancel, retry } from '#app/tasks/task-control.ts';
import { Housekeeping } from '#app/upkeep/housekeeping.ts';
import type { House } from '#app/open.ts';
import type { Task } from '#domain/task.ts';
import type { Tenant } from '#domain/tenant.ts';
import { millis } from '#kernel/clock.ts';
import { usd } from '#kernel/money.ts';
import { withPart } from '../with-part.ts';
import { ADA, Place } from './place.ts';

// Several people, workers and the machine's faults act on one task at the same time.

let place: Place;
let shop: Tenant;
beforeEach(async () => {
  place = await Place.open({ ladder: { burst: 1, lowNano: usd(0.1) } });
  shop = await place.tenant('shop', { budgetNano: usd(0.06) });
});
afterEach(() => place[Symbol.asyncDispose]());

async function now({ tenant, id }: Task): Promise<Task> {
  const task = await findTask(place.house.store.truth, tenant, id);
  if (task === undefined) throw new Error(`no task ${id}`);
  return task;
}

async function balance(): Promise<{ readonly spent: number; readonly held: number }> {
  const found = await place.house.store.truth.tx((tx) => place.house.ledger.balance(tx, 'tenant:shop'));
  return { spent: found?.spentNano ?? 0, held: found?.heldNano ?? 0 };
}

const openHolds = (): Promise<readonly unknown[]> =>
  place.house.store.truth.tx((tx) => place.house.ledger.openHolds(tx));
const become = (task: Task, from: Task['state'], to: Task['state']): Promise<boolean> =>
  place.house.store.truth.tx((tx) => changeTask(tx, { tenant: task.tenant, id: task.id, from, to, reasons: [] }));

/** As a worker begins a task that then says nothing more. */
async function begin({ tenant, id: task }: Task): Promise<void> {
  const { journal } = place.house;
  await journal.open({
    tenant,
    task,
    owner: 'other',
    leaseMs: 600_000,
    begin: async (tx) => changeTask(tx, { tenant, id: task, from: 'queued', to: 'running', reasons: [] }),
  });
}

/** The house, with something that happens while policy is asked. */
function whileAsked(happens: () => Promise<unknown>): House {
  const { policy } = place.house;
  const decide: House['policy']['decide'] = async (...asked) => {
    await happens();
    return policy.decide(...asked);
  };
  return { ...place.house, policy: withPart(policy, { decide }) };
}

describe('deferred work', () => {
  test('that two wake at once is held for once', async () => {
    const { house } = place;
    const first = await place.submit(shop);
    const waits = await place.submit(shop);
    await cancel(house, first, ADA);

    const admitted = [];
    for (let i = 0; i < 2; i++) admitted.push((await house.store.truth.tx((tx) => admit(tx, house, waits))).state);

    expect(waits.state).toBe('deferred');
    expect(admitted).toEqual(['queued', 'queued']);
    expect(await openHolds()).toHaveLength(1);
  });

  test('that cannot be admitted keeps no other from it', async () => {
    const { house } = place;
    const first = await place.submit(shop);
    const [broken, behind] = [await place.submit(shop), await place.submit(shop)];
    await cancel(house, first, ADA);
    const { ledger } = house;
    const reserve: House['ledger']['reserve'] = async (tx, hold) => {
      if (hold.key.startsWith(broken.id)) throw new Error('this one is refused');
      return ledger.reserve(tx, hold);
    };

    await wakeDeferred({ ...house, ledger: withPart(ledger, { reserve }), log: { log: () => undefined } }, shop.id);

    expect([(await now(broken)).state, (await now(behind)).state]).toEqual(['deferred', 'queued']);
  });
});

describe('a cancellation', () => {
  test('acts on the state in which the task is by then', async () => {
    const task = await place.submit(shop);
    const before = await balance();
    const started = whileAsked(() => begin(task));

    expect(await cancel(started, task, ADA)).toMatchObject({ state: 'cancelled' });

    expect((await now(task)).state).toBe('cancelled');
    expect(await balance()).toEqual(before); // its worker settles what it used
  });

  test('that comes after the end is refused, and so is a second of two retries', async () => {
    const task = await place.submit(shop);
    const ended = whileAsked(async () => {
      await become(task, 'queued', 'running');
      await become(task, 'running', 'failed');
    });
    await expect(cancel(ended, task, ADA)).rejects.toMatchObject({ code: 'TASK_STATE' });
    expect(await place.events('task.cancelled')).toEqual([]);

    const failed = await now(task);
    const again = await Promise.allSettled([retry(place.house, failed, ADA), retry(place.house, failed, ADA)]);

    expect(again.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  test('of work that stands still is charged what it used, and leaves no run, hold or wait behind', async () => {
    const { house } = place;
    const task = await place.submit(shop, { steps: 50 });
    await place.work(async () => {
      if (place.began.length < 3) return false;
      await stop(house, undefined, ADA);
      return (await now(task)).state === 'queued';
    });
    expect(await findOpenRun(house.store.truth, task.tenant, task.id)).toBeDefined();

    await cancel(house, await now(task), ADA);
    await resume(house, undefined, ADA);

    expect(await findOpenRun(house.store.truth, task.tenant, task.id)).toBeUndefined();
    expect(await findTaskWait(house.store.truth, task.id)).toBeUndefined();
    const { spent, held } = await balance();
    expect(held).toBe(0);
    expect(spent).toBeGreaterThan(0);
  });

  test('of work whose worker died is finished by housekeeping', async () => {
    const { house } = place;
    const task = await place.submit(shop);
    await begin(task);
    await cancel(house, await now(task), ADA);
    expect((await balance()).held).toBe(usd(0.05));

    await house.store.truth.run('update run set lease_until = $1', millis(house.clock.now()));
    await new Housekeeping(house).round();

    expect(await findOpenRun(house.store.truth, task.tenant, task.id)).toBeUndefined();
    expect((await balance()).held).toBe(0);
    expect((await place.events('evidence.signed')).map((event) => event.task)).toContain(task.id);
  });
});

describe('a store that does not answer once', () => {
  test('while a task runs does not end its worker', async () => {
    const { house } = place;
    const { truth } = house.store;
    let asked = 0;
    const all: typeof truth.all = async (text, ...values) => {
      if (text.includes('stop_order') && place.began.length > 0 && asked++ === 0) throw new Error('unreachable');
      return truth.all(text, ...values);
    };
    const shaky = { ...house.store, truth: withPart(truth, { all }) };
    place.stepMs = 3000; // so that it is asked by who watches over the run, each second
    const task = await place.submit(shop);

    await place.work(async () => (await now(task)).state === 'no_change', 60_000, { store: shaky });

    expect(asked).toBeGreaterThan(1);
  });
});
