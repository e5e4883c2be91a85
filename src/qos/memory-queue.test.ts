import { jobQueueConformance } from '../../test/conformance/job-queue.ts';
import { MemoryQueue } from './memory-queue.ts';

jobQueueConformance('memory', {
  make: async (options) => new MemoryQueue(options),
  close: async () => undefined,
});
