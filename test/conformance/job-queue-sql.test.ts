import { describe, test } from 'vitest';
import { type Store, SqlFairQueue, openStore } from '#adapters/sql/index.ts';
import { ENGINES, startEngine } from '../engines/stores.ts';
import { jobQueueConformance } from './job-queue.ts';

for (const engine of ENGINES) {
  const places = await startEngine(engine);
  if (!places) {
    describe(engine, () => test.skip('no engine'));
    continue;
  }
  const open: Store[] = [];
  jobQueueConformance(engine, {
    make: async (options) => {
      const store = await openStore(places.next());
      open.push(store);
      return new SqlFairQueue({ sql: store.queue, ...options });
    },
    close: async () => {
      for (const store of open) await store.close();
      await places.stop();
    },
  });
}
