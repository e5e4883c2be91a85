import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { SqlLedger, type Store, openStore } from '#adapters/sql/index.ts';
import { ManualClock } from '#kernel/clock.ts';
import { type NanoUsd, nanoUsd } from '#kernel/money.ts';
import { seededRandom } from '#kernel/random.ts';
import type { Sql, Tx } from '#kernel/sql.ts';
import type { Priority } from '#domain/task.ts';
import type { Reservation, ScopeCap } from '#qos/ports.ts';
import { ENGINES, type StorePlaces, startEngine } from '../engines/stores.ts';

const MONDAY = Date.UTC(2026, 5, 1);
const DAY = 86_400_000;
const PATH = ['task:1', 'tenant:shop', 'team:web', 'org'];

class Book {
  readonly clock = new ManualClock(MONDAY);
  readonly ledger = new SqlLedger({ clock: this.clock });
  readonly sql: Sql;

  constructor(sql: Sql) {
    this.sql = sql;
  }

  cap(scope: string, capNano: number | null, more: Partial<ScopeCap> = {}) {
    const cap = { scope, capNano: capNano === null ? null : nanoUsd(capNano), keptForHiNano: nanoUsd(0), period: null };
    return this.sql.tx((tx) => this.ledger.setCap(tx, { ...cap, ...more }));
  }

  async caps(caps: { readonly [scope: string]: number | null }): Promise<void> {
    for (const [scope, capNano] of Object.entries(caps)) await this.cap(scope, capNano);
  }

  reserve(key: string, bound: number, scopes: readonly string[], priority: Priority = 'lo'): Promise<Reservation> {
    return this.sql.tx((tx) => this.ledger.reserve(tx, { key, scopes, boundNano: nanoUsd(bound), priority }));
  }

  settle(key: string, actual: number) {
    return this.sql.tx((tx) => this.ledger.settle(tx, key, nanoUsd(actual)));
  }

  balance(scope: string) {
    return this.sql.tx((tx) => this.ledger.balance(tx, scope));
  }

  async used(scope: string): Promise<[spent: number, held: number]> {
    const balance = await this.balance(scope);
    return [balance?.spentNano ?? Number.NaN, balance?.heldNano ?? Number.NaN];
  }
}

describe.each(ENGINES)('ledger: %s', (engine) => {
  let places: StorePlaces | undefined;
  const open: Store[] = [];

  beforeAll(async () => {
    places = await startEngine(engine);
  });

  afterAll(async () => {
    for (const store of open) await store.close();
    await places?.stop();
  });

  async function fresh(context: TestContext): Promise<Book> {
    if (places === undefined) context.skip('no engine');
    const store = await openStore(places.next());
    open.push(store);
    return new Book(store.truth);
  }

  test('a reservation holds its bound on every scope, and settling turns it into what was spent', async (context) => {
    const book = await fresh(context);
    await book.caps({ org: null, 'team:web': 1000, 'tenant:shop': 500, 'task:1': 300 });

    expect(await book.reserve('call-1', 200, PATH)).toEqual({ kind: 'held' });
    for (const scope of PATH) expect(await book.used(scope)).toEqual([0, 200]);
    expect(await book.settle('call-1', 150)).toEqual({ settled: true, actualNano: 150, breach: false });
    for (const scope of PATH) expect(await book.used(scope)).toEqual([150, 0]);
  });

  test('one scope without room holds nothing on any, and says which and how much', async (context) => {
    const book = await fresh(context);
    await book.caps({ org: null, 'team:web': 1000, 'tenant:shop': 100, 'task:1': 300 });

    const refusal = await book.reserve('call-1', 101, PATH);

    expect(refusal).toMatchObject({
      kind: 'over_cap',
      boundNano: 101,
      balance: { scope: 'tenant:shop', capNano: 100 },
    });
    for (const scope of PATH) expect(await book.used(scope)).toEqual([0, 0]);
    expect(await book.reserve('call-1', 100, PATH)).toEqual({ kind: 'held' });
  });

  test('the same key twice holds once, settles once, and is refused for another amount or other scopes', async (context) => {
    const book = await fresh(context);
    await book.caps({ org: 1000, 'tenant:shop': 1000 });
    const scopes = ['tenant:shop', 'org'];

    for (let i = 0; i < 2; i++) expect(await book.reserve('k', 100, scopes)).toEqual({ kind: 'held' });
    expect(await book.used('org')).toEqual([0, 100]);
    await expect(book.reserve('k', 99, scopes)).rejects.toMatchObject({ code: 'KEY_REUSED' });
    await expect(book.reserve('k', 100, ['org'])).rejects.toMatchObject({ code: 'KEY_REUSED' });
    expect(await book.settle('k', 60)).toMatchObject({ settled: true });
    expect(await book.settle('k', 70)).toEqual({ settled: false, actualNano: 60, breach: false });
    expect(await book.reserve('k', 100, scopes)).toEqual({ kind: 'settled', actualNano: 60 });
    expect(await book.used('org')).toEqual([60, 0]);
  });

  test('what costs more than its bound is spent all the same and recorded as a breach', async (context) => {
    const book = await fresh(context);
    await book.caps({ org: 100 });
    await book.reserve('k', 100, ['org']);

    expect(await book.settle('k', 130)).toEqual({ settled: true, actualNano: 130, breach: true });

    expect(await book.balance('org')).toMatchObject({ spentNano: 130, breachedNano: 30, heldNano: 0 });
    expect(await book.reserve('next', 1, ['org'])).toMatchObject({ kind: 'over_cap' });
  });

  test('the last part of a cap is for hi only', async (context) => {
    const book = await fresh(context);
    await book.cap('org', 1000, { keptForHiNano: nanoUsd(100) });

    expect(await book.reserve('lo-1', 900, ['org'])).toEqual({ kind: 'held' });
    expect(await book.reserve('lo-2', 1, ['org'])).toMatchObject({ kind: 'over_cap' });
    expect(await book.reserve('hi-1', 100, ['org'], 'hi')).toEqual({ kind: 'held' });
    expect(await book.reserve('hi-2', 1, ['org'], 'hi')).toMatchObject({ kind: 'over_cap' });
  });

  test('a cap below what is spent and held is refused with the balance', async (context) => {
    const book = await fresh(context);
    await book.caps({ org: 1000 });
    await book.reserve('a', 300, ['org']);
    await book.settle('a', 200);
    await book.reserve('b', 100, ['org']);

    expect(await book.cap('org', 299)).toMatchObject({
      kind: 'below_used',
      balance: { spentNano: 200, heldNano: 100 },
    });
    expect(await book.balance('org')).toMatchObject({ capNano: 1000 });
    expect(await book.cap('org', 300)).toMatchObject({ kind: 'set', balance: { capNano: 300 } });
    expect(await book.cap('org', 5000)).toMatchObject({ kind: 'set', balance: { capNano: 5000 } });
  });

  test('a new period begins with the same cap and nothing spent; a reservation settles in its own', async (context) => {
    const book = await fresh(context);
    await book.cap('org', 1000, { period: 'week', keptForHiNano: nanoUsd(10) });
    await book.reserve('late', 900, ['org']);
    expect(await book.balance('org')).toMatchObject({ periodEndsAt: MONDAY + 7 * DAY });

    book.clock.advance(7 * DAY);
    expect(await book.used('org')).toEqual([0, 0]);
    expect(await book.reserve('early', 500, ['org'])).toEqual({ kind: 'held' });
    await book.settle('late', 900);

    expect(await book.used('org')).toEqual([0, 500]);
    expect(await book.balance('org')).toMatchObject({
      capNano: 1000,
      keptForHiNano: 10,
      periodEndsAt: MONDAY + 14 * DAY,
    });
    const old = await book.sql.all('select spent_nano, held_nano from ledger_scope where starts_at = $1', MONDAY);
    expect(old).toEqual([{ spent_nano: 900, held_nano: 0 }]);
  });

  test('the first cap counts what was settled in its period and what is still held, and no more', async (context) => {
    const book = await fresh(context);
    const month = { period: 'month' } as const;
    await book.caps({ org: null, 'tenant:shop': null });
    const hold = (key: string, bound: number) => book.reserve(key, bound, ['tenant:shop', 'org']);
    for (const key of ['old', 'late', 'open']) await hold(key, 900);
    await book.settle('old', 900);
    book.clock.advance(10 * DAY);
    await book.settle('late', 910);

    book.clock.advance(25 * DAY); // into July
    await hold('new', 50);
    await book.settle('new', 60);
    expect(await book.cap('org', 949, month)).toMatchObject({
      kind: 'below_used',
      balance: { spentNano: 60, heldNano: 900, breachedNano: 10, capNano: null },
    });
    expect(await book.used('org')).toEqual([1870, 900]);
    expect(await book.cap('org', 1000, month)).toMatchObject({
      kind: 'set',
      balance: { spentNano: 60, heldNano: 900 },
    });

    expect(await book.balance('org')).toMatchObject({
      ...{ capNano: 1000, spentNano: 60, heldNano: 900, breachedNano: 10 },
      periodEndsAt: Date.UTC(2026, 7, 1),
    });
    expect(await hold('more', 51)).toMatchObject({ kind: 'over_cap' });
    await book.settle('open', 700);
    await book.sql.tx((tx) => book.ledger.correct(tx, 'new', nanoUsd(40)));
    expect(await book.used('org')).toEqual([740, 0]);
    expect(await book.used('tenant:shop')).toEqual([2550, 0]);
    const periods = 'select spent_nano, held_nano, ends_at from ledger_scope where scope = $1 order by starts_at';
    expect(await book.sql.all(periods, 'org')).toMatchObject([
      { spent_nano: 1810, held_nano: 0, ends_at: Date.UTC(2026, 6, 1) },
      { spent_nano: 740, held_nano: 0 },
    ]);
  });

  test('a cap that is taken away and set again within its period counts all of it; in a later one, that one', async (context) => {
    const book = await fresh(context);
    const spend = async (key: string, nano: number) => {
      await book.reserve(key, nano, ['org']);
      await book.settle(key, nano);
    };
    await book.cap('org', 1000, { period: 'week' });
    await spend('a', 600);
    await book.cap('org', null);
    await spend('b', 300);

    expect(await book.cap('org', 899, { period: 'week' })).toMatchObject({ kind: 'below_used' });
    expect(await book.cap('org', 900, { period: 'week' })).toMatchObject({ kind: 'set', balance: { spentNano: 900 } });
    await book.cap('org', null);
    book.clock.advance(7 * DAY);
    await spend('c', 5000);
    expect(await book.cap('org', 5001, { period: 'week' })).toMatchObject({
      ...{ kind: 'set', balance: { spentNano: 5000, periodEndsAt: MONDAY + 14 * DAY } },
    });
  });

  test('asking for the balance opens no period', async (context) => {
    const book = await fresh(context);
    await book.cap('org', 1000, { period: 'week', keptForHiNano: nanoUsd(10) });
    await book.reserve('k', 900, ['org']);
    book.clock.advance(7 * DAY);

    const balance = await book.balance('org');

    expect(balance).toMatchObject({ capNano: 1000, keptForHiNano: 10, heldNano: 0, periodEndsAt: MONDAY + 14 * DAY });
    expect(await book.sql.all('select starts_at from ledger_scope')).toEqual([{ starts_at: MONDAY }]);
    await book.reserve('next', 1, ['org']);
    expect(await book.sql.all('select starts_at from ledger_scope')).toHaveLength(2);
  });

  test('a clock that goes back opens no old period again', async (context) => {
    const book = await fresh(context);
    await book.cap('org', 1000, { period: 'day' });
    book.clock.advance(DAY);
    await book.reserve('k', 1000, ['org']);

    book.clock.advance(-DAY);

    expect(await book.reserve('more', 1, ['org'])).toMatchObject({ kind: 'over_cap' });
    expect(await book.cap('org', 2000, { period: 'day' })).toMatchObject({
      balance: { periodEndsAt: MONDAY + 2 * DAY },
    });
  });

  test('unknown scopes, unknown keys and amounts below zero are refused', async (context) => {
    const book = await fresh(context);
    await book.caps({ org: 1000 });

    await expect(book.reserve('k', 1, ['org', 'tenant:nobody'])).rejects.toMatchObject({ code: 'SCOPE_UNKNOWN' });
    expect(await book.used('org')).toEqual([0, 0]);
    await expect(book.settle('never', 1)).rejects.toMatchObject({ code: 'HOLD_UNKNOWN' });
    await expect(book.reserve('k', -1, ['org'])).rejects.toMatchObject({ code: 'AMOUNT_INVALID' });
    await book.reserve('k', 1, ['org']);
    await expect(book.settle('k', -1)).rejects.toMatchObject({ code: 'AMOUNT_INVALID' });
    await expect(book.cap('org', -1)).rejects.toMatchObject({ code: 'AMOUNT_INVALID' });
    expect(await book.balance('tenant:nobody')).toBeUndefined();
  });

  test('holds that no one settled are listed, oldest first', async (context) => {
    const book = await fresh(context);
    await book.caps({ org: null });
    for (const key of ['b', 'a', 'c']) {
      await book.reserve(key, 10, ['org']);
      book.clock.advance(5);
    }
    await book.settle('a', 10);

    const holds = await book.sql.tx((tx: Tx) => book.ledger.openHolds(tx));

    expect(holds).toEqual([
      { key: 'b', boundNano: 10, heldAt: MONDAY },
      { key: 'c', boundNano: 10, heldAt: MONDAY + 10 },
    ]);
  });

  test('a reservation is undone with the transaction around it', async (context) => {
    const book = await fresh(context);
    await book.caps({ org: 100 });

    const broken = book.sql.tx(async (tx) => {
      await book.ledger.reserve(tx, { key: 'k', scopes: ['org'], boundNano: nanoUsd(100), priority: 'lo' });
      throw new Error('the step failed');
    });

    await expect(broken).rejects.toThrow('the step failed');
    expect(await book.used('org')).toEqual([0, 0]);
  });

  test.each([1, 2, 3])(
    'with seed %i no scope is ever above its cap, and spent is the sum of what was settled',
    async (seed) => {
      if (places === undefined) return;
      const random = seededRandom(seed);
      const store = await openStore(places.next());
      open.push(store);
      const book = new Book(store.truth);
      const tenants = ['tenant:a', 'tenant:b', 'tenant:c'];
      await book.caps({ org: 2500, 'tenant:a': 1000, 'tenant:b': 1000, 'tenant:c': 1000 });
      const held = new Map<string, { tenant: string; bound: number }>();
      const spent = new Map<string, number>();

      for (let i = 0; i < 300; i++) {
        const [next] = held;
        if (next && random.integer(2) === 0) {
          const [key, { tenant, bound }] = next;
          const actual: NanoUsd = nanoUsd(random.integer(bound + 1));
          await book.settle(key, actual);
          held.delete(key);
          for (const scope of [tenant, 'org']) spent.set(scope, (spent.get(scope) ?? 0) + actual);
        } else {
          const tenant = tenants[random.integer(3)] ?? 'tenant:a';
          const bound = 1 + random.integer(60);
          const { kind } = await book.reserve(`k${i}`, bound, [tenant, 'org']);
          if (kind === 'held') held.set(`k${i}`, { tenant, bound });
        }
      }

      for (const scope of ['org', ...tenants]) {
        const balance = await book.balance(scope);
        expect(balance?.spentNano).toBe(spent.get(scope) ?? 0);
        expect((balance?.spentNano ?? 0) + (balance?.heldNano ?? 0)).toBeLessThanOrEqual(balance?.capNano ?? 0);
      }
    },
  );
});
