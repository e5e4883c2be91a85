import { expect, test } from 'vitest';
import { ManualClock, millis } from '#kernel/clock.ts';
import { slotMs, weight } from '#kernel/virtual-time.ts';
import type { TaskId, TenantId } from '#domain/ids.ts';
import { jobQueueConformance } from '../../test/conformance/job-queue.ts';
import { MemoryQueue } from './memory-queue.ts';
import { isLabel } from './pool.ts';
import { PooledQueue } from './pooled-queue.ts';

jobQueueConformance('pooled', {
  make: async (options) => new PooledQueue({ open: () => new MemoryQueue(options), labels: [] }),
  close: async () => undefined,
});

// The cast is true: this is the tenant of these tests.
const TENANT = 'a' as TenantId;

/** The same pools in memory, as workers with different labels see them. */
async function fleet(...labels: readonly (readonly string[])[]): Promise<PooledQueue[]> {
  const clock = new ManualClock(0);
  const queues = new Map<string, MemoryQueue>();
  const open = (pool: string): MemoryQueue => {
    const queue = queues.get(pool) ?? new MemoryQueue({ clock, estimate: slotMs(1) });
    queues.set(pool, queue);
    return queue;
  };
  const seen = labels.map((own) => new PooledQueue({ open, labels: own }));
  for (const queue of seen) for (const pool of ['', 'gpu=true']) await queue.of(pool).setWeight(TENANT, weight(1));
  return seen;
}

async function add(queue: PooledQueue, id: string, needs?: readonly string[]): Promise<void> {
  // The cast is true: these are the jobs of these tests.
  const job = { id: id as TaskId, tenant: TENANT, priority: 'lo', readyAt: millis(0) } as const;
  await queue.enqueue(needs === undefined ? job : { ...job, needs });
}

const claim = async (queue: PooledQueue) => (await queue.claim({ owner: 'w', leaseMs: 1000 }))?.id;

test('a job that needs a label waits for a worker that has it, and such a worker takes it first', async () => {
  const [plain, gpu] = await fleet([], ['gpu=true', 'zone=a']);
  await add(plain!, 'any1');
  await add(plain!, 'any2');
  await add(plain!, 'needs', ['gpu=true']);

  expect(await claim(plain!)).toBe('any1');
  expect(await claim(gpu!)).toBe('needs');
  expect(await claim(gpu!)).toBe('any2');
  expect(await claim(plain!)).toBeUndefined();
});

test('what waits is found, counted and removed in whichever pool it is', async () => {
  const [plain] = await fleet([]);
  await add(plain!, 'any');
  await add(plain!, 'needs', ['gpu=true']);
  // The casts are true: these are the jobs of these tests.
  const [needs, other] = ['needs' as TaskId, 'other' as TaskId];

  expect(await plain!.position(needs)).toBe(0);
  expect(await plain!.counts()).toEqual([{ tenant: TENANT, waiting: 2, running: 0 }]);
  expect(await plain!.absent([needs, other])).toEqual([other]);
  expect(await plain!.remove(needs)).toBe(true);
  expect(await plain!.counts()).toEqual([{ tenant: TENANT, waiting: 1, running: 0 }]);
});

test('labels are a name and a value', () => {
  expect(['gpu=true', 'zone=eu-west.1'].every(isLabel)).toBe(true);
  expect(['gpu', '=true', 'a=b=c', 'a=b,c', 'a=', 'A:b'].some(isLabel)).toBe(false);
});
