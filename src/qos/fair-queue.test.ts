import { describe, expect, test } from 'vitest';
import { millis } from '#kernel/clock.ts';
import { type Random, seededRandom } from '#kernel/random.ts';
import { slotMs, weight } from '#kernel/virtual-time.ts';
import type { TaskId, TenantId } from '#domain/ids.ts';
import { FairQueue } from './fair-queue.ts';

// The casts are true: these are the ids of this test.
const tenantId = (name: string): TenantId => name as TenantId;
const taskId = (name: string): TaskId => name as TaskId;

const SEEDS = Array.from({ length: 20 }, (_, seed) => seed + 1);
const ESTIMATE = 10;

interface Party {
  readonly id: TenantId;
  readonly w: number;
  readonly meanCost: number;
  service: number;
  /** Most service that the others got between two of its dispatches. */
  longestWait: number;
}

function parties(random: Random, n: number): Party[] {
  return Array.from({ length: n }, (_, i) => ({
    id: tenantId(`t${i}`),
    w: 0.5 + random.integer(80) / 10,
    meanCost: 20 + random.integer(1000),
    service: 0,
    longestWait: 0,
  }));
}

let nextJob = 0;
function add(queue: FairQueue, tenant: TenantId): TaskId {
  const id = taskId(`job${nextJob++}`);
  queue.enqueue({ id, tenant, priority: 'lo', readyAt: millis(0) });
  return id;
}

/** All backlogged for ever: each job that leaves is followed by another. One slot, exact costs at the end. */
function saturate(queue: FairQueue, all: readonly Party[], random: Random, jobs: number): void {
  for (const party of all) {
    queue.setWeight(party.id, weight(party.w));
    for (let i = 0; i < 3; i++) add(queue, party.id);
  }
  let total = 0;
  const totalAtLast = new Map<Party, number>();
  for (let i = 0; i < jobs; i++) {
    const job = queue.dispatch();
    const party = all.find(({ id }) => id === job?.tenant);
    if (!job || !party) throw new Error('the queue ran dry');
    const cost = 1 + random.integer(2 * party.meanCost);
    party.longestWait = Math.max(party.longestWait, total - (totalAtLast.get(party) ?? 0));
    party.service += cost;
    total += cost;
    totalAtLast.set(party, total);
    queue.settle(job.id, slotMs(cost));
    add(queue, party.id);
  }
}

describe.each(SEEDS)('with seed %i', (seed) => {
  test('shares follow weights within one job of each tenant', () => {
    const random = seededRandom(seed);
    const all = parties(random, 2 + random.integer(8));

    saturate(new FairQueue({ estimate: slotMs(ESTIMATE) }), all, random, 2000);

    // The bound of start-time fair queueing for any two backlogged tenants.
    for (const a of all) {
      for (const b of all) {
        const bound = (2 * a.meanCost) / a.w + (2 * b.meanCost) / b.w;
        expect(Math.abs(a.service / a.w - b.service / b.w)).toBeLessThanOrEqual(bound);
      }
    }
  });

  test('nobody starves: a tenant waits at most for the share that its last job bought the others', () => {
    const random = seededRandom(seed);
    const all = parties(random, 6);

    saturate(new FairQueue({ estimate: slotMs(ESTIMATE) }), all, random, 3000);

    for (const party of all) {
      const others = all.filter((other) => other !== party);
      const bought = (2 * party.meanCost) / party.w;
      const bound = others.reduce((sum, other) => sum + bought * other.w + 2 * other.meanCost, 0);
      expect(party.longestWait).toBeLessThanOrEqual(bound);
    }
  });

  test('a requeued job is charged each of its runs once', () => {
    const random = seededRandom(seed);
    const queue = new FairQueue({ estimate: slotMs(ESTIMATE) });
    const [a, b] = [tenantId('a'), tenantId('b')];
    for (const id of [a, b]) queue.setWeight(id, weight(1));
    const long = add(queue, a);

    for (let run = 0; run < 5; run++) {
      const cost = ESTIMATE + random.integer(300);
      for (let i = 0; i <= cost; i++) add(queue, b);
      expect(queue.dispatch()?.id).toBe(long);
      for (let soFar = 0; soFar < cost; soFar += 50) queue.charge(long, slotMs(soFar));
      queue.requeue(long, slotMs(cost));

      // b pays 1 a job, so it is served exactly `cost` times before the tie that a wins.
      for (let i = 0; i < cost; i++) {
        const job = queue.dispatch();
        expect(job?.tenant).toBe(b);
        queue.settle(job?.id ?? '', slotMs(1));
      }
    }
  });
});

test('a backlog of 1 against a backlog of 50 gives half and half', () => {
  const queue = new FairQueue({ estimate: slotMs(ESTIMATE) });
  const [small, large] = [tenantId('small'), tenantId('large')];
  for (const id of [small, large]) queue.setWeight(id, weight(1));
  for (let i = 0; i < 50; i++) add(queue, large);
  add(queue, small);
  const served = { small: 0, large: 0 };

  for (let i = 0; i < 1000; i++) {
    const job = queue.dispatch();
    if (!job) break;
    served[job.tenant === small ? 'small' : 'large']++;
    queue.settle(job.id, slotMs(100));
    add(queue, job.tenant);
  }

  expect(Math.abs(served.small - 500)).toBeLessThanOrEqual(10);
});

test('a tenant that returns after long idleness gets its share and no more', () => {
  const queue = new FairQueue({ estimate: slotMs(ESTIMATE) });
  const [busy, away] = [tenantId('busy'), tenantId('away')];
  for (const id of [busy, away]) queue.setWeight(id, weight(1));
  for (let i = 0; i < 2000; i++) add(queue, busy);
  for (let i = 0; i < 1000; i++) queue.settle(queue.dispatch()?.id ?? '', slotMs(3600));

  for (let i = 0; i < 500; i++) add(queue, away);
  let returned = 0;
  for (let i = 0; i < 200; i++) {
    const job = queue.dispatch();
    if (job?.tenant === away) returned++;
    queue.settle(job?.id ?? '', slotMs(3600));
  }

  expect(Math.abs(returned - 100)).toBeLessThanOrEqual(5);
});

test('an estimate of nothing is refused', () => {
  expect(() => new FairQueue({ estimate: slotMs(0) })).toThrow(RangeError);
});
