import { afterAll, describe, expect, test } from 'vitest';
import { type Store, SqlFairQueue, openStore } from '#adapters/sql/index.ts';
import { ManualClock, millis } from '#kernel/clock.ts';
import { slotMs, weight } from '#kernel/virtual-time.ts';
import type { TaskId, TenantId } from '#domain/ids.ts';
import { PooledQueue } from '#qos/index.ts';
import { ENGINES, startEngine } from '../engines/stores.ts';
import { jobQueueConformance } from './job-queue.ts';
import { poolsConformance } from './pools.ts';

for (const engine of ENGINES) {
  const places = await startEngine(engine);
  if (!places) {
    describe(engine, () => test.skip('no engine'));
    continue;
  }
  describe(engine, () => {
    const open: Store[] = [];
    const another = async (): Promise<Store> => {
      const store = await openStore(places.next());
      open.push(store);
      return store;
    };
    const close = async (): Promise<void> => {
      for (const store of open.splice(0)) await store.close();
    };
    afterAll(() => places.stop());

    jobQueueConformance(engine, {
      make: async (options) => new SqlFairQueue({ sql: (await another()).queue, ...options }),
      close,
    });
    poolsConformance(engine, {
      make: async (options) => {
        const { queue: sql } = await another();
        return (pool) => new SqlFairQueue({ sql, ...options, pool });
      },
      close,
    });

    test('a job is removed by a process that has not heard of its pool', async () => {
      const { queue: sql } = await another();
      const options = { sql, clock: new ManualClock(1_000_000), estimate: slotMs(10) };
      const gpu = new SqlFairQueue({ ...options, pool: 'gpu=true' });
      // The casts are true: these are the ids of this test.
      const [tenant, id] = ['a' as TenantId, 'j' as TaskId];
      await gpu.setWeight(tenant, weight(1));
      await gpu.enqueue({ id, tenant, priority: 'hi', readyAt: millis(0) });

      const elsewhere = new PooledQueue({ open: (pool) => new SqlFairQueue({ ...options, pool }), labels: [] });

      expect(await elsewhere.remove(id)).toBe(true);
      expect(await gpu.counts()).toEqual([{ tenant, waiting: 0, running: 0 }]);
      await close();
    });
  });
}
