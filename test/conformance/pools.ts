import { afterAll, describe, expect, test } from 'vitest';
import { type Clock, ManualClock, millis } from '#kernel/clock.ts';
import { type SlotMs, slotMs, weight } from '#kernel/virtual-time.ts';
import type { TaskId, TenantId } from '#domain/ids.ts';
import { PooledQueue } from '#qos/index.ts';
import type { JobQueue } from '#qos/ports.ts';

const GPU = 'gpu=true';
// The casts are true: these are the ids of this suite.
const TENANTS = ['a', 'b'] as readonly string[] as readonly TenantId[];
const taskId = (name: string): TaskId => name as TaskId;

/** Opens one engine's pools, empty; what it opened is closed by `close` at the end of the suite. */
export interface PoolMaker {
  make(options: { readonly clock: Clock; readonly estimate: SlotMs }): Promise<(pool: string) => JobQueue>;
  close(): Promise<void>;
}

/** What every engine promises of its pools, as tests. */
export function poolsConformance(name: string, maker: PoolMaker): void {
  describe(`pools: ${name}`, () => {
    afterAll(() => maker.close());

    async function workerWithGpu(): Promise<PooledQueue> {
      const open = await maker.make({ clock: new ManualClock(1_000_000), estimate: slotMs(10) });
      const queue = new PooledQueue({ open, labels: [GPU] });
      for (const pool of ['', GPU]) for (const tenant of TENANTS) await queue.of(pool).setWeight(tenant, weight(1));
      return queue;
    }

    async function add(queue: PooledQueue, tenant: TenantId, id: string, needs: readonly string[] = []): Promise<void> {
      await queue.enqueue({ id: taskId(id), tenant, priority: 'lo', readyAt: millis(0), needs });
    }

    const claimed = async (queue: PooledQueue) => (await queue.claim({ owner: 'w', leaseMs: 1000 }))?.id;
    const waiting = async (queue: PooledQueue, pool: string) =>
      Object.fromEntries((await queue.of(pool).counts()).map((count) => [count.tenant, count.waiting]));

    test('a job that is removed is counted off its own pool', async () => {
      const queue = await workerWithGpu();
      const [a, b] = TENANTS;
      await add(queue, a!, 'plain');
      await add(queue, a!, 'gpu-of-a', [GPU]);

      expect(await queue.remove(taskId('gpu-of-a'))).toBe(true);

      expect(await waiting(queue, '')).toEqual({ a: 1, b: 0 });
      expect(await waiting(queue, GPU)).toEqual({ a: 0, b: 0 });
      await add(queue, b!, 'gpu-of-b', [GPU]);
      expect([await claimed(queue), await claimed(queue), await claimed(queue)]).toEqual([
        'gpu-of-b',
        'plain',
        undefined,
      ]);
    });

    test('the last job of a tenant is removed from a pool that is not the first', async () => {
      const queue = await workerWithGpu();
      await add(queue, TENANTS[0]!, 'gpu-of-a', [GPU]);

      expect(await queue.remove(taskId('gpu-of-a'))).toBe(true);

      expect(await queue.counts()).toEqual(TENANTS.map((tenant) => ({ tenant, waiting: 0, running: 0 })));
      expect(await claimed(queue)).toBeUndefined();
    });
  });
}
