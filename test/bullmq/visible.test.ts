import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import type { AppControllerRoute, BullBoardQueues, IServerAdapter } from '@bull-board/api/typings/app';
import { afterAll, afterEach, expect, test } from 'vitest';
import { FairBackendError, createFairBackend } from '#adapters/bullmq/fair.ts';
import { type TestRedis, startRedis } from '../engines/redis.ts';
import { Place, until } from './place.ts';

const redis = await startRedis();
afterAll(() => redis?.stop());
let place: Place | undefined;
afterEach(() => place?.close());

function open(on: TestRedis): Place {
  place = new Place(on);
  return place;
}

/** Thirty jobs of three tenants that wait: parked by both ways of adding, one admitted and put back, one retried. */
async function thirtyWaiting(on: TestRedis): Promise<Place> {
  const filled = open(on);
  await filled.add('a', 10);
  await filled.add('b', 10, { priority: 5 });
  for (let n = 0; n < 10; n++) await filled.queue.add('work', { tenant: 'c', n }, { attempts: 3 });
  const worker = filled.worker(async () => Promise.reject(new Error('again')), {
    limiter: { max: 3, duration: 60_000 },
  });
  await until('three runs failed', async () => (await filled.queue.getRateLimitTtl()) > 0);
  await worker.close();
  return filled;
}

test.skipIf(!redis)('getJobs and the counts see every job that waits', async () => {
  if (!redis) return;
  const filled = open(redis);
  await filled.add('a', 10);
  await filled.add('b', 10, { priority: 5 });
  for (let n = 0; n < 10; n++) await filled.queue.add('work', { tenant: 'c', n });

  const jobs = await filled.queue.getJobs(['waiting', 'prioritized']);

  expect(jobs.map((job) => `${job.data.tenant}${job.data.n}`).toSorted()).toEqual(
    ['a', 'b', 'c'].flatMap((tenant) => Array.from({ length: 10 }, (_, n) => `${tenant}${n}`)),
  );
  expect(await filled.queue.getJobCountByTypes('waiting', 'prioritized')).toBe(30);
  expect(await filled.queue.getCountsPerPriority([0, 5])).toEqual({ '0': 20, '5': 10 });
  for (const job of jobs) expect(['waiting', 'prioritized']).toContain(await job.getState());
});

test.skipIf(!redis)('no job is out of sight after failures, retries and a rate limit', async () => {
  if (!redis) return;
  const filled = await thirtyWaiting(redis);

  const seen = await filled.queue.getJobs();

  expect(new Set(seen.map((job) => job.id)).size).toBe(30);
});

test.skipIf(!redis)('bull-board shows every job that waits', async () => {
  if (!redis) return;
  const filled = open(redis);
  await filled.add('a', 15);
  await filled.add('b', 15, { priority: 5 });

  const shown = await boardOf(filled);

  expect(shown.counts.prioritized).toBe(30);
  expect(shown.jobs.map(({ data }) => `${data.tenant}${data.n}`).toSorted()).toEqual(
    ['a', 'b'].flatMap((tenant) => Array.from({ length: 15 }, (_, n) => `${tenant}${n}`)).toSorted(),
  );
});

interface Shown {
  readonly counts: { readonly [status: string]: number };
  readonly jobs: readonly { readonly data: { readonly tenant: string; readonly n: number } }[];
}

/** Asks bull-board's own handler for the page that lists the queue's prioritized jobs. */
async function boardOf(filled: Place): Promise<Shown> {
  let queues: BullBoardQueues = new Map();
  let routes: readonly AppControllerRoute[] = [];
  const server: IServerAdapter = {
    setQueues: (given) => ((queues = given), server),
    setApiRoutes: (given) => ((routes = given), server),
    setViewsPath: () => server,
    setStaticPath: () => server,
    setEntryRoute: () => server,
    setErrorHandler: () => server,
    setUIConfig: () => server,
  };
  createBullBoard({ queues: [new BullMQAdapter(filled.queue)], serverAdapter: server });
  const list = routes.find(({ route }) => route === '/api/queues');
  const query = { activeQueue: filled.name, status: 'prioritized', page: '1', jobsPerPage: '100' };
  const answer = await list?.handler({ queues, query, params: {}, body: {}, headers: {}, uiConfig: {} });
  // The cast is true: this is the documented answer of that route.
  const body = answer?.body as { queues: Shown[] } | undefined;
  return body?.queues[0] ?? { counts: {}, jobs: [] };
}

test('a Redis that evicts keys is refused', async (context) => {
  const evicting = await startRedis({ settings: ['--maxmemory-policy', 'allkeys-lru'] });
  if (!evicting) return context.skip('no engine');
  const refused = new Place(evicting);

  const add = refused.queue.add('work', { tenant: 'a', n: 1 });

  await expect(add).rejects.toBeInstanceOf(FairBackendError);
  await expect(add).rejects.toMatchObject({ code: 'REDIS_EVICTS', details: { policy: 'allkeys-lru' } });
  await refused.close();
  await evicting.stop();
});

test.each([
  ['renames its script commands', ['--rename-command', 'EVALSHA', 'HIDDEN1', '--rename-command', 'EVAL', 'HIDDEN2']],
  ['lets its user run no scripts', ['--user', 'default', 'on', 'nopass', '~*', '&*', '+@all', '-@scripting']],
])('a Redis that %s is refused', async (_, settings) => {
  const scriptless = await startRedis({ settings });
  if (!scriptless) return;
  const refused = new Place(scriptless);

  await expect(refused.queue.add('work', { tenant: 'a', n: 1 })).rejects.toMatchObject({ code: 'REDIS_NO_SCRIPTS' });
  await refused.close();
  await scriptless.stop();
});

test.skipIf(!redis)('a tenant can be served its urgent jobs only', async () => {
  if (!redis) return;
  const filled = open(redis);
  await filled.add('a', 5, { priority: 9 });
  await filled.fair.setServed('a', 3);
  await filled.add('a', 2, { priority: 3 });
  const order: number[] = [];
  filled.worker(async (job) => void order.push(job.opts.priority ?? 0));
  await until('the urgent ones are done', () => order.length === 2);
  expect(await filled.fair.tenants()).toMatchObject([{ tenant: 'a', served: 3, waiting: 5 }]);

  await filled.fair.setServed('a', true);
  await until('all are done', () => order.length === 7);

  expect(order).toEqual([3, 3, 9, 9, 9, 9, 9]);
});

test.skipIf(!redis)('weights, costs and fields that are not are refused', async () => {
  if (!redis) return;
  const { fair, queue } = open(redis);
  const [job] = await place!.add('a', 1);

  for (const weight of [0, -1, Number.NaN, 5000]) {
    await expect(fair.setWeight('a', weight)).rejects.toMatchObject({ code: 'WEIGHT_INVALID' });
  }
  for (const cost of [-1, Number.NaN, Infinity]) {
    await expect(fair.reportCost(job!, cost)).rejects.toMatchObject({ code: 'COST_INVALID' });
  }
  expect(() => createFairBackend({ tenantField: 'a"]' })).toThrow(FairBackendError);
  expect(await queue.count()).toBe(1);
});
