import { expect, test } from 'vitest';
import { findAnswer, openStore, putAnswer, SqlActionCache } from '#adapters/sql/index.ts';
import type { TenantId } from '#domain/ids.ts';
import type { TestReport } from '#domain/test-report.ts';
import type { CachedAnswer } from '#gateway/ports.ts';
import { millis, systemClock } from '#kernel/clock.ts';

const [red, blue] = ['red' as TenantId, 'blue' as TenantId];

test('the same key of another tenant finds nothing in a cache, so a hit tells nobody what others did', async () => {
  const store = await openStore({ engine: 'sqlite', path: ':memory:' });
  const results = new SqlActionCache({ sql: store.truth, clock: systemClock });
  // The casts are true as far as a cache gives back what it was given.
  const report = { outcome: 'passed', actionDigest: 'ab' } as unknown as TestReport;
  const answer = { body: 'x', usage: {}, costNano: 1, provider: 'p', model: 'm', expiresAt: millis(2) };
  await results.put(red, report);
  await store.truth.tx((tx) => putAnswer(tx, red, 'key', answer as unknown as CachedAnswer, millis(1)));

  const found = async (tenant: TenantId) => [
    await results.get(tenant, 'ab'),
    (await findAnswer(store.truth, tenant, 'key', millis(1)))?.body,
  ];

  expect([await found(red), await found(blue)]).toEqual([
    [report, 'x'],
    [undefined, undefined],
  ]);
  await store.close();
});

test('an answer that is kept in the place of an older one leaves nothing of that one', async () => {
  const store = await openStore({ engine: 'sqlite', path: ':memory:' });
  // The cast is true: the usage of an answer is kept as the JSON that it is.
  const answer = (n: number) =>
    ({
      ...{ body: `body ${n}`, usage: { output: n }, costNano: n },
      ...{ provider: `p${n}`, model: `m${n}`, expiresAt: millis(10 + n) },
    }) as unknown as CachedAnswer;

  for (const n of [1, 2]) await store.truth.tx((tx) => putAnswer(tx, red, 'key', answer(n), millis(1)));

  expect(await findAnswer(store.truth, red, 'key', millis(1))).toEqual(answer(2));
  await store.close();
});
