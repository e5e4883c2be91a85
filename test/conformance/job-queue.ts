import { afterAll, describe, expect, test } from 'vitest';
import { ManualClock, millis } from '#kernel/clock.ts';
import { seededRandom } from '#kernel/random.ts';
import { type SlotMs, slotMs, weight } from '#kernel/virtual-time.ts';
import type { TaskId, TenantId } from '#domain/ids.ts';
import type { Priority } from '#domain/task.ts';
import { type ClaimedJob, type JobQueue, QosError } from '#qos/ports.ts';

// The casts are true: these are the ids of this suite.
const tenantId = (name: string): TenantId => name as TenantId;
const taskId = (name: string): TaskId => name as TaskId;

const ESTIMATE = slotMs(10);
const LEASE = 1000;

/** Gives a new empty queue; what it opened is closed by `close` at the end of the suite. */
export interface QueueMaker {
  make(options: { readonly clock: ManualClock; readonly estimate: SlotMs }): Promise<JobQueue>;
  close(): Promise<void>;
}

class Bench {
  readonly clock: ManualClock;
  readonly queue: JobQueue;

  private constructor(queue: JobQueue, clock: ManualClock) {
    this.queue = queue;
    this.clock = clock;
  }

  static async open(maker: QueueMaker, weights: { readonly [tenant: string]: number }): Promise<Bench> {
    const clock = new ManualClock(1_000_000);
    const queue = await maker.make({ clock, estimate: ESTIMATE });
    for (const [tenant, w] of Object.entries(weights)) await queue.setWeight(tenantId(tenant), weight(w));
    return new Bench(queue, clock);
  }

  async add(tenant: string, ids: readonly string[], priority: Priority = 'lo'): Promise<void> {
    for (const id of ids) {
      await this.queue.enqueue({ id: taskId(id), tenant: tenantId(tenant), priority, readyAt: millis(0) });
    }
  }

  async claim(): Promise<ClaimedJob> {
    const job = await this.queue.claim({ owner: 'w1', leaseMs: LEASE });
    if (!job) throw new Error('nothing to claim');
    return job;
  }

  /** Claims up to `n` jobs, settling each at `cost`, and gives their ids. */
  async run(n: number, cost = ESTIMATE as number): Promise<string[]> {
    const ids: string[] = [];
    for (let i = 0; i < n; i++) {
      const job = await this.queue.claim({ owner: 'w1', leaseMs: LEASE });
      if (!job) break;
      ids.push(job.id);
      expect(await this.queue.settle(job, slotMs(cost))).toBe(true);
    }
    return ids;
  }
}

const numbered = (prefix: string, n: number): string[] => Array.from({ length: n }, (_, i) => `${prefix}${i}`);

/** What every JobQueue promises, as tests. */
export function jobQueueConformance(name: string, maker: QueueMaker): void {
  describe(`job queue: ${name}`, () => {
    afterAll(() => maker.close());
    const open = (weights: { readonly [tenant: string]: number }): Promise<Bench> => Bench.open(maker, weights);

    test('equal tenants take turns, and a tie goes to the lesser tenant id', async () => {
      const bench = await open({ b: 1, a: 1 });
      await bench.add('b', ['b1', 'b2']);
      await bench.add('a', ['a1', 'a2']);

      expect(await bench.run(9)).toEqual(['a1', 'b1', 'a2', 'b2']);
    });

    test('shares follow weights, whatever the backlog', async () => {
      const bench = await open({ heavy: 3, light: 1 });
      await bench.add('light', numbered('l', 60));
      await bench.add('heavy', numbered('h', 30));

      const served = await bench.run(40);

      expect(served.filter((id) => id.startsWith('h'))).toHaveLength(30);
    });

    test('shares follow true cost, not the number of jobs', async () => {
      const bench = await open({ cheap: 1, dear: 1 });
      await bench.add('cheap', numbered('c', 200));
      await bench.add('dear', numbered('d', 200));
      const used = { c: 0, d: 0 };

      for (let i = 0; i < 110; i++) {
        const job = await bench.claim();
        const cost = job.tenant === 'cheap' ? 10 : 100;
        used[job.tenant === 'cheap' ? 'c' : 'd'] += cost;
        await bench.queue.settle(job, slotMs(cost));
      }

      expect(Math.abs(used.c - used.d)).toBeLessThanOrEqual(110);
    });

    test('hi goes before lo within a tenant, and each class in order of arrival', async () => {
      const bench = await open({ a: 1 });
      await bench.add('a', ['lo1', 'lo2']);
      await bench.add('a', ['hi1', 'hi2'], 'hi');

      expect(await bench.run(9)).toEqual(['hi1', 'hi2', 'lo1', 'lo2']);
    });

    test('a tenant that was idle brings no credit', async () => {
      const bench = await open({ busy: 1, idle: 1 });
      await bench.add('busy', numbered('b', 100));
      await bench.run(40);

      await bench.add('idle', numbered('i', 100));
      const served = await bench.run(20);

      expect(served.filter((id) => id.startsWith('i'))).toHaveLength(10);
    });

    test('a new weight acts at once on what already waits', async () => {
      const bench = await open({ a: 1, b: 1 });
      await bench.add('a', numbered('a', 60));
      await bench.add('b', numbered('b', 60));
      await bench.run(20);

      await bench.queue.setWeight(tenantId('a'), weight(4));
      const served = await bench.run(50);

      expect(served.filter((id) => id.startsWith('a')).length).toBeGreaterThanOrEqual(39);
    });

    test('a tenant that is not served is passed over, and does not hoard credit', async () => {
      const bench = await open({ a: 1, b: 1 });
      await bench.add('a', numbered('a', 60));
      await bench.add('b', numbered('b', 60));

      await bench.queue.setServed(tenantId('a'), 'none');
      const without = await bench.run(20);
      await bench.queue.setServed(tenantId('a'), 'all');
      const after = await bench.run(20);

      expect(without.every((id) => id.startsWith('b'))).toBe(true);
      // It starts at V, one job behind b's next tag, and takes turns from there.
      expect(after.filter((id) => id.startsWith('a'))).toHaveLength(11);
    });

    test('a tenant of whom only hi is served keeps its lo waiting', async () => {
      const bench = await open({ a: 1 });
      await bench.add('a', ['lo1']);
      await bench.add('a', ['hi1'], 'hi');
      await bench.queue.setServed(tenantId('a'), 'hi');

      expect(await bench.run(9)).toEqual(['hi1']);
      expect(await bench.queue.position(taskId('lo1'))).toBeUndefined();
      await bench.queue.setServed(tenantId('a'), 'all');
      expect(await bench.run(9)).toEqual(['lo1']);
    });

    test('the same job twice is the same as once', async () => {
      const bench = await open({ a: 1 });
      await bench.add('a', ['j', 'j']);

      expect(await bench.run(9)).toEqual(['j']);
    });

    test('a job of an unknown tenant is refused', async () => {
      const bench = await open({});

      const refusal = bench.add('stranger', ['j']);

      await expect(refusal).rejects.toBeInstanceOf(QosError);
      await expect(refusal).rejects.toMatchObject({ code: 'TENANT_UNKNOWN' });
    });

    test('a tenant with work here is not removed', async () => {
      const bench = await open({ a: 1 });
      await bench.add('a', ['j1', 'j2']);
      const job = await bench.claim();

      expect(await bench.queue.removeTenant(tenantId('a'))).toEqual({ kind: 'has_work', waiting: 1, running: 1 });
      await bench.queue.remove(taskId('j2'));
      await bench.queue.settle(job, ESTIMATE);
      expect(await bench.queue.removeTenant(tenantId('a'))).toEqual({ kind: 'removed' });
      expect(await bench.queue.counts()).toEqual([]);
    });

    test('a removed job is not served; a running one is not removed', async () => {
      const bench = await open({ a: 1 });
      await bench.add('a', ['j1', 'j2', 'j3']);
      const running = await bench.claim();

      expect(await bench.queue.remove(running.id)).toBe(false);
      expect(await bench.queue.remove(taskId('j2'))).toBe(true);
      expect(await bench.queue.remove(taskId('j2'))).toBe(false);
      expect(await bench.run(9)).toEqual(['j3']);
    });

    test('a requeued job keeps its place and pays for each run once', async () => {
      const bench = await open({ a: 1, b: 1 });
      await bench.add('a', ['a1', 'a2']);
      await bench.add('b', numbered('b', 20));

      const first = await bench.claim();
      expect(await bench.queue.charge(first, slotMs(40))).toBe(true);
      expect(await bench.queue.requeue(first, slotMs(50))).toBe(true);
      const served = await bench.run(7);

      // a1 ran for 50, five times what each job of b costs; on the tie a goes first.
      expect(served).toEqual(['b0', 'b1', 'b2', 'b3', 'b4', 'a1', 'b5']);
    });

    test('a settled, requeued or expired claim is fenced', async () => {
      const bench = await open({ a: 1 });
      await bench.add('a', ['j']);
      const old = await bench.claim();
      bench.clock.advance(LEASE + 1);

      expect(await bench.queue.expire()).toEqual(['j']);
      const current = await bench.claim();

      expect(current.epoch).toBeGreaterThan(old.epoch);
      expect(await bench.queue.renew(old, LEASE)).toBe(false);
      expect(await bench.queue.charge(old, slotMs(5))).toBe(false);
      expect(await bench.queue.requeue(old, slotMs(5))).toBe(false);
      expect(await bench.queue.settle(old, slotMs(5))).toBe(false);
      expect(await bench.queue.settle(current, slotMs(5))).toBe(true);
      expect(await bench.queue.settle(current, slotMs(5))).toBe(false);
    });

    test('a claim of an earlier life of the same job id stays fenced', async () => {
      const bench = await open({ a: 1 });
      await bench.add('a', ['j']);
      const stale = await bench.claim();
      bench.clock.advance(LEASE + 1);
      await bench.queue.expire();
      await bench.run(1);

      await bench.add('a', ['j']);
      await bench.claim();

      expect(await bench.queue.settle(stale, ESTIMATE)).toBe(false);
    });

    test('a renewed lease lives on', async () => {
      const bench = await open({ a: 1 });
      await bench.add('a', ['j']);
      const job = await bench.claim();
      bench.clock.advance(LEASE - 1);

      expect(await bench.queue.renew(job, LEASE)).toBe(true);
      bench.clock.advance(LEASE - 1);

      expect(await bench.queue.expire()).toEqual([]);
    });

    test('a job whose cost is never reported is charged the time that it held its slot', async () => {
      const bench = await open({ silent: 1, told: 1 });
      await bench.add('silent', ['s']);
      await bench.add('told', numbered('t', 300));
      await bench.claim();
      bench.clock.advance(LEASE + 1);

      await bench.queue.expire();
      const served = await bench.run(101);

      // 1000 ms of lease against jobs of 10 ms.
      expect(served.indexOf('s')).toBe(100);
    });

    test('a clock that goes back ends no lease early and does not change the order', async () => {
      const bench = await open({ a: 1, b: 1 });
      await bench.add('a', ['a1', 'a2']);
      await bench.claim();

      bench.clock.advance(-500_000);
      await bench.add('b', ['b1', 'b2']);

      expect(await bench.queue.expire()).toEqual([]);
      expect(await bench.run(9)).toEqual(['b1', 'a2', 'b2']);
    });

    test('the position is the number of jobs that are served before', async () => {
      const random = seededRandom(11);
      const bench = await open({ a: 0.5, b: 1, c: 3 });
      for (let i = 0; i < 40; i++) {
        const tenant = ['a', 'b', 'c'][random.integer(3)] ?? 'a';
        await bench.add(tenant, [`j${i}`], random.integer(4) === 0 ? 'hi' : 'lo');
      }
      await bench.run(5, 37);
      const expected: (number | undefined)[] = [];
      for (let i = 0; i < 40; i++) expected.push(await bench.queue.position(taskId(`j${i}`)));

      const served = await bench.run(40);

      expect(served).toHaveLength(35);
      served.forEach((id, i) => expect(expected[Number(id.slice(1))]).toBe(i));
    });

    test('what is absent is told, and what waits or runs is not', async () => {
      const bench = await open({ a: 1 });
      await bench.add('a', ['j1', 'j2', 'j3']);
      await bench.run(1);
      await bench.claim();

      const absent = await bench.queue.absent(['j0', 'j1', 'j2', 'j3'].map(taskId));

      expect(absent).toEqual(['j0', 'j1']);
      await bench.add('a', ['j1']);
      expect(await bench.queue.absent([taskId('j1')])).toEqual([]);
    });

    test('counts say what waits and what runs', async () => {
      const bench = await open({ b: 1, a: 1 });
      await bench.add('a', ['j1', 'j2', 'j3']);
      await bench.claim();

      expect(await bench.queue.counts()).toEqual([
        { tenant: 'a', waiting: 2, running: 1 },
        { tenant: 'b', waiting: 0, running: 0 },
      ]);
    });
  });
}
