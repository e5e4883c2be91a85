import { slotMs, weight } from '#kernel/virtual-time.ts';
import { findTenant, SqlFairQueue, type Store } from '#adapters/sql/index.ts';
import type { Task } from '#domain/task.ts';
import { type JobQueue, PooledQueue, poolOf, QosError } from '#qos/index.ts';
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
  const engine = await openEngine(tools, store);
  const queue = new PooledQueue({ open: (pool) => engine.open(pool), labels: tools.settings['worker.labels'] });
  return {
    queue,
    says: engine.says,
    close: () => engine.close(),
    enqueue: async (task) => {
      // The task is safe in SQL; housekeeping enqueues what the queue did not take.
      await enqueue(queue, store, task).catch((error: unknown) => {
        tools.log.log('warn', 'a task was not enqueued and will be later', { task: task.id, error: String(error) });
      });
    },
  };
}

async function enqueue(queue: PooledQueue, store: Store, task: Task): Promise<void> {
  const { id, tenant, priority, submittedAt: readyAt, needs = [] } = task;
  const job = { id, tenant, priority, readyAt, needs };
  try {
    await queue.enqueue(job);
  } catch (error) {
    const owner = await findTenant(store.truth, tenant);
    if (!(error instanceof QosError && error.code === 'TENANT_UNKNOWN') || owner === undefined) throw error;
    // Its first task in this pool.
    await queue.of(poolOf(needs)).setWeight(tenant, weight(owner.weight));
    await queue.enqueue(job);
  }
}

interface QueueEngine {
  readonly says: string;
  open(pool: string): JobQueue;
  close(): Promise<void>;
}

async function openEngine({ settings, clock }: Tools, store: Store): Promise<QueueEngine> {
  const estimate = slotMs(CLAIM_ESTIMATE_MS);
  const url = settings['engine.redisUrl'];
  if (settings['engine.queue'] === 'bullmq' && url !== undefined) {
    // Loaded only where it is used: the package is optional, and takes a moment.
    const { BullmqQueues } = await import('#adapters/bullmq/index.ts');
    const queues = await BullmqQueues.connect(url, { prefix: 'maestro', name: 'tasks', clock, estimate });
    const says = `BullMQ on Redis ${new URL(url).host}`;
    return { says, open: (pool) => queues.open(pool), close: () => queues.close() };
  }
  const engine = settings['engine.store'] === 'postgres' ? 'Postgres' : 'SQLite';
  const open = (pool: string): JobQueue => new SqlFairQueue({ sql: store.queue, clock, estimate, pool });
  return { says: `fair queue in ${engine}`, open, close: () => Promise.resolve() };
}
