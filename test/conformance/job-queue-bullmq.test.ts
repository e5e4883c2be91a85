import { afterAll, describe, test } from 'vitest';
import { BullmqQueue } from '#adapters/bullmq/job-queue.ts';
import { startRedis } from '../engines/redis.ts';
import { jobQueueConformance } from './job-queue.ts';

const redis = await startRedis();
if (redis) {
  const open: BullmqQueue[] = [];
  jobQueueConformance('bullmq', {
    make: async (options) => {
      const queue = new BullmqQueue({ connection: redis, name: `conformance${open.length}`, ...options });
      open.push(queue);
      return queue;
    },
    close: async () => {
      for (const queue of open) await queue.close();
    },
  });
  afterAll(() => redis.stop());
} else {
  describe('bullmq', () => test.skip('no engine'));
}
