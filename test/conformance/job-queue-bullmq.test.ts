import { afterAll, describe, test } from 'vitest';
import { BullmqQueue, BullmqQueues } from '#adapters/bullmq/index.ts';
import { startRedis } from '../engines/redis.ts';
import { jobQueueConformance } from './job-queue.ts';
import { poolsConformance } from './pools.ts';

const redis = await startRedis();
if (redis) {
  const open: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    for (const queue of open.splice(0)) await queue.close();
  };
  let names = 0;
  describe('bullmq', () => {
    afterAll(() => redis.stop());
    jobQueueConformance('bullmq', {
      make: async (options) => {
        const queue = new BullmqQueue({ connection: redis, name: `conformance${++names}`, ...options });
        open.push(queue);
        return queue;
      },
      close,
    });
    poolsConformance('bullmq', {
      make: async (options) => {
        const url = `redis://${redis.host}:${redis.port}`;
        const queues = await BullmqQueues.connect(url, { name: `pools${++names}`, ...options });
        open.push(queues);
        return (pool) => queues.open(pool);
      },
      close,
    });
  });
} else {
  describe('bullmq', () => test.skip('no engine'));
}
