import { slotMs } from '#kernel/virtual-time.ts';
import { SqlFairQueue, type Store } from '#adapters/sql/index.ts';
import type { JobQueue } from '#qos/index.ts';
import type { House } from '../house.ts';
import type { Tools } from './tools.ts';

/** What a charge at dispatch is, until the actual time is known; small against any task. */
const CLAIM_ESTIMATE_MS = 100;

export interface QueueParts extends Pick<House, 'queue' | 'enqueue'> {
  /** Where the order is kept, for people. */
  readonly says: string;
  close(): Promise<void>;
}

/** The order of work. Throws when the engine that the settings name is not there. */
export async function queueParts(tools: Tools, store: Store): Promise<QueueParts> {
  const opened = await openQueue(tools, store);
  const { queue } = opened;
  return {
    ...opened,
    enqueue: async (task) => {
      const job = { id: task.id, tenant: task.tenant, priority: task.priority, readyAt: task.submittedAt };
      // The task is safe in SQL; housekeeping enqueues what the queue did not take.
      await queue.enqueue(job).catch((error: unknown) => {
        tools.log.log('warn', 'a task was not enqueued and will be later', { task: task.id, error: String(error) });
      });
    },
  };
}

interface OpenedQueue {
  readonly queue: JobQueue;
  readonly says: string;
  close(): Promise<void>;
}

async function openQueue({ settings, clock }: Tools, store: Store): Promise<OpenedQueue> {
  const estimate = slotMs(CLAIM_ESTIMATE_MS);
  const url = settings['engine.redisUrl'];
  if (settings['engine.queue'] === 'bullmq' && url !== undefined) {
    // Loaded only where it is used: the package is optional, and takes a moment.
    const { openBullmqQueue } = await import('#adapters/bullmq/index.ts');
    const queue = await openBullmqQueue(url, { name: 'tasks', prefix: 'maestro', clock, estimate });
    return { queue, says: `BullMQ on Redis ${new URL(url).host}`, close: () => queue.close() };
  }
  const queue = new SqlFairQueue({ sql: store.queue, clock, estimate });
  return { queue, says: `fair queue in ${engineName(settings['engine.store'])}`, close: () => Promise.resolve() };
}

function engineName(store: 'sqlite' | 'postgres'): string {
  return store === 'postgres' ? 'Postgres' : 'SQLite';
}
