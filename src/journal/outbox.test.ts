import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Store, journalStore, openStore } from '#adapters/sql/index.ts';
import type { TenantId } from '#domain/ids.ts';
import { ManualClock, millis } from '#kernel/clock.ts';
import { type Deliver, Outbox } from './outbox.ts';

const LIMIT_MS = 10_000;

let store: Store;
let clock: ManualClock;
const running = new AbortController().signal;

beforeEach(async () => {
  store = await openStore({ engine: 'sqlite', path: ':memory:' });
  clock = new ManualClock(1_000_000);
});

afterEach(async () => {
  await store.close();
});

function outbox(deliver: Deliver, kind = 'comment'): Outbox {
  const log = { log: () => undefined };
  return new Outbox({
    sql: store.truth,
    store: journalStore,
    clock,
    log,
    deliver: { [kind]: deliver },
    limitMs: LIMIT_MS,
  });
}

const message = (key: string, kind = 'comment') => ({ tenant: 'red' as TenantId, kind, key, payload: { text: key } });

test('a message is told once, however often it was put and drained', async () => {
  const told: unknown[] = [];
  const box = outbox(async ({ payload }) => void told.push(payload));
  await store.truth.tx((tx) => box.put(tx, message('a')));
  await store.truth.tx((tx) => box.put(tx, message('a')));

  expect(await box.drain(running)).toBe(1);
  await store.truth.tx((tx) => box.put(tx, message('a')));
  expect(await box.drain(running)).toBe(0);

  expect(told).toEqual([{ text: 'a' }]);
});

test('a message of a transaction that did not commit is never told', async () => {
  const box = outbox(() => Promise.reject(new Error('told')));
  const failing = store.truth.tx(async (tx) => {
    await box.put(tx, message('a'));
    throw new Error('rolled back');
  });
  await expect(failing).rejects.toThrow('rolled back');

  expect(await box.drain(running)).toBe(0);
});

test('what could not be delivered is tried again, ever later, and holds nothing else up', async () => {
  const tries: number[] = [];
  const start = clock.now();
  const box = outbox(async ({ key }) => {
    if (key === 'good') return;
    tries.push(clock.now() - start);
    if (tries.length < 4) throw new Error('503');
  });
  await store.truth.tx((tx) => box.put(tx, message('bad')));
  await store.truth.tx((tx) => box.put(tx, message('good')));

  const delivered: number[] = [];
  for (let second = 0; second < 10; second++) {
    delivered.push(await box.drain(running));
    clock.advance(1_000);
  }

  expect(tries).toEqual([0, 1_000, 3_000, 7_000]);
  expect(delivered.reduce((sum, n) => sum + n)).toBe(2);
});

test('a message whose teller died is told by another one after a while', async () => {
  const box = outbox(async () => undefined);
  await store.truth.tx((tx) => box.put(tx, message('a')));
  await store.truth.tx((tx) =>
    journalStore.takeMessage(tx, { kinds: ['comment'], now: clock.now(), until: millis(clock.now() + 2 * LIMIT_MS) }),
  );

  expect(await box.drain(running)).toBe(0);
  clock.advance(2 * LIMIT_MS);
  expect(await box.drain(running)).toBe(1);
});

test('a kind that nobody here delivers waits for a process that does', async () => {
  const box = outbox(async () => undefined);
  await store.truth.tx((tx) => box.put(tx, message('a', 'webhook')));

  expect(await box.drain(running)).toBe(0);

  const rows = await store.truth.all('select attempts, last_error, delivered_at from outbox');
  expect(rows).toEqual([{ attempts: 0, last_error: null, delivered_at: null }]);
});

test('two outboxes of one table tell their own messages, whichever drains first', async () => {
  const told: string[] = [];
  const only = (kind: string) => outbox(async ({ key }) => void told.push(`${kind}/${key}`), kind);
  const [comments, webhooks] = [only('comment'), only('webhook')];
  await store.truth.tx((tx) => webhooks.put(tx, message('a', 'webhook')));
  await store.truth.tx((tx) => comments.put(tx, message('a')));

  expect([await comments.drain(running), await webhooks.drain(running)]).toEqual([1, 1]);
  expect(told).toEqual(['comment/a', 'webhook/a']);
});
