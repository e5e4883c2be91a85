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
