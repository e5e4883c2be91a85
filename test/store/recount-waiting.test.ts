import { afterAll, describe, expect, test, type TestContext } from 'vitest';
import { SqlFairQueue, openStore } from '#adapters/sql/index.ts';
import { ManualClock, millis } from '#kernel/clock.ts';
import type { Sql } from '#kernel/sql.ts';
import { slotMs, weight } from '#kernel/virtual-time.ts';
import type { TaskId, TenantId } from '#domain/ids.ts';
import { ENGINES, startEngine } from '../engines/stores.ts';

const MIGRATION = 160;
const GPU = 'gpu=true';
// The casts are true: these are the ids of this test.
const [A, B] = ['a' as TenantId, 'b' as TenantId];
const job = (id: string, tenant: TenantId, priority: 'hi' | 'lo') =>
  ({ id: id as TaskId, tenant, priority, readyAt: millis(0) }) as const;

const pools = (sql: Sql) => {
  const open = (pool: string) =>
    new SqlFairQueue({ sql, clock: new ManualClock(1_000_000), estimate: slotMs(10), pool });
  return { plain: open(''), gpu: open(GPU) };
};

const rows = (sql: Sql) => sql.all('select * from fair_tenant order by pool, tenant');

describe.each(ENGINES)('%s', async (engine) => {
  const places = await startEngine(engine);
  afterAll(async () => places?.stop());

  test('counts that a cancelled task with labels left wrong are made anew from the jobs', async (context: TestContext) => {
    if (places === undefined) context.skip('no engine');
    const place = places.next();
    const before = await openStore(place);
    const { plain, gpu } = pools(before.queue);
    for (const queue of [plain, gpu]) for (const tenant of [A, B]) await queue.setWeight(tenant, weight(1));
    for (const id of ['b1', 'b2', 'b3']) await plain.enqueue(job(id, B, 'lo'));
    await plain.claim({ owner: 'w', leaseMs: 1000 });
    await plain.claim({ owner: 'w', leaseMs: 1000 });
    await plain.enqueue(job('a1', A, 'lo'));
    await plain.enqueue(job('a2', A, 'hi'));
    await gpu.enqueue(job('gpu-of-b', B, 'lo'));
    const right = await rows(before.truth);
    // As a former version left them: a's plain job lost, and a ghost of a at the head of the other pool.
    await before.truth.run(
      `update fair_tenant set waiting_hi = 0, waiting_lo = 0, f = 0, backlogged = 0 where tenant = 'a' and pool = ''`,
    );
    await before.truth.run(
      `update fair_tenant set waiting_lo = 1, running = 1, backlogged = 1 where tenant = 'a' and pool = $1`,
      GPU,
    );
    expect(await gpu.claim({ owner: 'w', leaseMs: 1000 })).toBeUndefined();
    await before.truth.run('delete from schema_migration where number = $1', MIGRATION);
    await before.close();

    const after = await openStore(place);
    try {
      expect(await rows(after.truth)).toEqual(right);
      const healed = pools(after.queue);
      expect(await healed.gpu.claim({ owner: 'w', leaseMs: 1000 })).toMatchObject({ id: 'gpu-of-b' });
      expect(await healed.plain.claim({ owner: 'w', leaseMs: 1000 })).toMatchObject({ id: 'a2' });
    } finally {
      await after.close();
    }
  });
});
