import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DelayedError, Queue } from 'bullmq';
import { afterAll, beforeEach, expect, test, type TestContext } from 'vitest';
import { startRedis } from '../engines/redis.ts';
import { Place, until } from './place.ts';

const redis = await startRedis();
afterAll(() => redis?.stop());
const places: Place[] = [];
beforeEach(() => async () => {
  for (const place of places.splice(0)) await place.close();
});

function open(context: TestContext): Place {
  if (!redis) return context.skip('no engine');
  const place = new Place(redis);
  places.push(place);
  return place;
}

test('a stock worker serves tenants by their weights', async (context) => {
  const place = open(context);
  await place.fair.setWeight('a', 3);
  for (const tenant of ['b', 'c', 'a']) await place.add(tenant, 400);
  const order: string[] = [];

  place.worker(async (job) => {
    order.push(job.data.tenant);
    await place.fair.reportCost(job, 5);
  });
  await until('500 jobs done', () => order.length >= 500);

  const first = order.slice(0, 500);
  expect(['a', 'b', 'c'].map((tenant) => first.filter((one) => one === tenant).length)).toEqual([300, 100, 100]);
});

test('without a report the time that a job ran is its cost', async (context) => {
  const place = open(context);
  await place.add('quick', 300);
  await place.add('slow', 300);
  const done = { quick: 0, slow: 0 };

  place.worker(async (job) => {
    await pause(job.data.tenant === 'slow' ? 40 : 4);
    done[job.data.tenant === 'slow' ? 'slow' : 'quick']++;
  });
  await until('30 slow jobs done', () => done.slow >= 30);

  // Ten times as long, so a tenth as often; timers of a busy machine stretch the short ones more.
  expect(done.quick / done.slow).toBeGreaterThan(4);
});

test('priority orders the jobs of one tenant, and jobs without one go first', async (context) => {
  const place = open(context);
  for (const priority of [9, 2, 5]) await place.queue.add('work', { tenant: 'a', n: priority }, { priority });
  await place.queue.add('work', { tenant: 'a', n: 0 });
  await place.queue.add('work', { tenant: 'a', n: -1 }, { lifo: true });
  const order: number[] = [];

  place.worker(async (job) => void order.push(job.data.n));
  await until('all done', () => order.length === 5);

  expect(order).toEqual([-1, 0, 2, 5, 9]);
});

test('failed jobs are retried after their backoff, until their attempts are used up', async (context) => {
  const place = open(context);
  const attempts = 3;
  await place.queue.add('work', { tenant: 'a', n: 1 }, { attempts, backoff: { type: 'fixed', delay: 200 } });
  await place.queue.add('work', { tenant: 'b', n: 2 }, { attempts, backoff: { type: 'fixed', delay: 50 } });
  const at: number[] = [];

  place.worker(async (job) => {
    if (job.data.tenant === 'a') at.push(Date.now());
    if (job.data.tenant === 'b' || at.length < 3) throw new Error('not yet');
  });
  await until('both ended', async () => (await place.queue.getJobCountByTypes('completed', 'failed')) === 2);

  expect(at).toHaveLength(3);
  expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(195);
  const [failed] = await place.queue.getFailed();
  expect(failed).toMatchObject({ data: { tenant: 'b' }, attemptsMade: 3 });
  expect(await place.fair.tenants()).toEqual([]);
});

test('runs that fail are charged like runs that succeed', async (context) => {
  const place = open(context);
  await place.add('failing', 100, { attempts: 3 });
  await place.add('sound', 100);
  const runs = { failing: 0, sound: 0 };

  place.worker(async (job) => {
    await place.fair.reportCost(job, 5);
    runs[job.data.tenant === 'sound' ? 'sound' : 'failing']++;
    if (job.data.tenant === 'failing') throw new Error('broken');
  });
  await until('120 runs', () => runs.failing + runs.sound >= 120);

  expect(Math.abs(runs.failing - runs.sound)).toBeLessThanOrEqual(3);
});

test('a long job is charged while it runs, each time its lock is renewed', async (context) => {
  const place = open(context);
  await place.queue.add('long', { tenant: 'a', n: 0 });
  await place.add('a', 60);
  await place.add('b', 300);
  let shorts = 0;
  let ended = false;

  place.worker(
    async (job) => {
      await pause(job.name === 'long' ? 600 : 2);
      if (job.name === 'long') ended = true;
      else if (job.data.tenant === 'a' && !ended) shorts++;
    },
    { concurrency: 2, lockDuration: 400, lockRenewTime: 20 },
  );
  await until('the long job ended', () => ended);

  // Charged only at its end, it would have left its tenant half of the other slot.
  expect(shorts).toBeLessThan(25);
});

test('a delayed job waits for its time and then for its turn', async (context) => {
  const place = open(context);
  const added = Date.now();
  await place.queue.add('work', { tenant: 'late', n: 0 }, { delay: 400 });
  await place.add('busy', 300);
  let lateAt = 0;
  let busyAfter = 0;

  place.worker(async (job) => {
    await pause(3);
    if (job.data.tenant === 'late') lateAt = Date.now();
    else if (lateAt > 0) busyAfter++;
  });
  await until('all done', async () => (await place.queue.getCompletedCount()) === 301);

  expect(lateAt - added).toBeGreaterThanOrEqual(400);
  expect(busyAfter).toBeGreaterThan(0);
});

test('a removed job is not run, and its place costs its tenant nothing', async (context) => {
  const place = open(context);
  const jobs = await place.add('a', 5);
  await place.add('b', 1);
  for (const job of jobs.slice(0, 4)) await job.remove();
  const ran: string[] = [];

  place.worker(async (job) => void ran.push(`${job.data.tenant}${job.data.n}`));
  await until('all done', () => ran.length === 2);

  expect(ran).toEqual(['a4', 'b0']);
  expect(await place.queue.getJobCountByTypes('waiting', 'prioritized', 'active')).toBe(0);
});

test('a flow runs its children before its parent, over several queues', async (context) => {
  const place = open(context);
  const other = place.another(`${place.name}-children`);
  const flows = place.closing(new place.classes.FlowProducer({ connection: place.connection }));
  const child = (n: number) => ({ name: 'child', queueName: other.name, data: { tenant: 'a', n } });
  await flows.add({
    name: 'parent',
    queueName: place.name,
    data: { tenant: 'a', n: 0 },
    children: [child(1), child(2), { ...child(3), queueName: place.name, opts: { priority: 3 } }],
  });
  const order: number[] = [];

  place.worker(async (job) => void order.push(job.data.n));
  place.worker(async (job) => void order.push(job.data.n), {}, other.name);
  await until('all done', () => order.length === 4);

  expect(order.at(-1)).toBe(0);
  expect(order.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
});

test('a job scheduler keeps producing, and its jobs take their turn', async (context) => {
  const place = open(context);
  await place.queue.upsertJobScheduler(
    'tick',
    { every: 60, limit: 4 },
    { name: 'tick', data: { tenant: 'clock', n: 0 } },
  );
  await place.add('busy', 50);
  let ticks = 0;

  place.worker(async (job) => {
    await pause(2);
    if (job.data.tenant === 'clock') ticks++;
  });
  await until('four ticks', () => ticks === 4);
  await pause(150);

  expect(ticks).toBe(4);
});

test('jobs of a killed worker are recovered and run by another', async (context) => {
  const place = open(context);
  await place.add('a', 20);
  await place.add('b', 20);
  const script = join(import.meta.dirname, 'stuck-worker.ts');
  const victim = spawn(process.execPath, [script, place.name, `${place.connection.port}`], { stdio: 'ignore' });
  await until('five are active', async () => (await place.queue.getActiveCount()) === 5);
  victim.kill('SIGKILL');
  let stalled = 0;

  const rescuer = place.worker(async () => pause(1), { stalledInterval: 200, lockDuration: 500 });
  rescuer.on('stalled', () => stalled++);
  await until('all done', async () => (await place.queue.getCompletedCount()) === 40);

  expect(stalled).toBe(5);
  expect(await place.fair.tenants()).toEqual([]);
});

test('a rate limit holds, and what it kept back is not charged', async (context) => {
  const place = open(context);
  await place.add('a', 10);
  await place.add('b', 10);
  const at: number[] = [];

  const limiter = { max: 5, duration: 300 };
  place.worker(
    async (job) => {
      at.push(Date.now());
      await place.fair.reportCost(job, 5);
    },
    { limiter, concurrency: 5 },
  );
  await until('twelve done', () => at.length >= 12);

  expect((at[11] ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(500);
  await until('the slots are empty', async () => (await place.queue.getActiveCount()) === 0);
  const left = await place.fair.tenants();
  expect(left.map(({ running }) => running)).toEqual([0, 0]);
  expect(left.reduce((sum, { waiting }) => sum + waiting, 0)).toBe(20 - at.length);
  // Five slots at 1 ms a dispatch may follow one tenant for a job of 5 ms.
  expect(Math.abs((left[0]?.waiting ?? 0) - (left[1]?.waiting ?? 0))).toBeLessThanOrEqual(5);
});

test('a paused queue hands out nothing and loses nothing', async (context) => {
  const place = open(context);
  await place.queue.pause();
  await place.add('a', 10);
  await place.add('b', 10);
  const order: string[] = [];
  place.worker(async (job) => {
    order.push(job.data.tenant);
    await place.fair.reportCost(job, 5);
  });
  await pause(200);
  expect(order).toEqual([]);

  await place.queue.resume();
  await until('all done', () => order.length === 20);

  expect(order.slice(0, 4).toSorted()).toEqual(['a', 'a', 'b', 'b']);
});

test('a job that yields keeps its attempts and goes through the order again', async (context) => {
  const place = open(context);
  await place.queue.add('work', { tenant: 'long', n: 0 }, { attempts: 1 });
  await place.add('short', 3);
  const order: string[] = [];

  place.worker(async (job, token) => {
    order.push(job.data.tenant);
    await place.fair.reportCost(job, job.data.tenant === 'short' ? 1 : 20);
    if (job.data.tenant === 'short' || job.data.n === 3) return;
    await job.updateData({ ...job.data, n: job.data.n + 1 });
    await job.moveToDelayed(Date.now(), token);
    throw new DelayedError();
  });
  await until('all done', async () => (await place.queue.getCompletedCount()) === 4);

  expect(order.filter((tenant) => tenant === 'long')).toHaveLength(4);
  expect(order.slice(0, 4)).toEqual(['long', 'short', 'short', 'short']);
});

test('a tenant that is not served waits, and comes back without credit', async (context) => {
  const place = open(context);
  await place.add('a', 40);
  await place.add('b', 60);
  await place.fair.setServed('a', false);
  const order: string[] = [];
  place.worker(async (job) => {
    order.push(job.data.tenant);
    await place.fair.reportCost(job, 5);
  });
  await until('b is served', () => order.length >= 20);

  await place.fair.setServed('a', true);
  await until('all done', () => order.length === 100);

  const returned = order.indexOf('a');
  expect(returned).toBeGreaterThanOrEqual(20);
  const after = order.slice(returned, returned + 20);
  expect(Math.abs(after.filter((tenant) => tenant === 'a').length - 10)).toBeLessThanOrEqual(1);
});

test('jobs added by a queue without the fair backend are served fairly too', async (context) => {
  const place = open(context);
  const stock = place.closing(new Queue(place.name, { connection: place.connection }));
  for (let n = 0; n < 20; n++) await stock.add('work', { tenant: 'flood', n });
  await stock.add('work', { tenant: 'quiet', n: 0 }, { priority: 7 });
  const order: string[] = [];

  place.worker(async (job) => {
    order.push(job.data.tenant);
    await place.fair.reportCost(job, 5);
  });
  await until('all done', () => order.length === 21);

  expect(order.indexOf('quiet')).toBeLessThanOrEqual(1);
});

test('what is waiting survives the loss of the lines', async (context) => {
  const place = open(context);
  await place.add('a', 3);
  await place.add('b', 3);
  const client = await place.fair.client;
  for (const name of ['t', 'q:a', 'q:b', 'w', 'r']) await client.del(`bull:${place.name}:fair:${name}`);
  const order: string[] = [];

  place.worker(async (job) => void order.push(`${job.data.tenant}${job.data.n}`));
  await until('all done', () => order.length === 6);

  expect(order.toSorted()).toEqual(['a0', 'a1', 'a2', 'b0', 'b1', 'b2']);
  expect(order.filter((id) => id.startsWith('a'))).toEqual(['a0', 'a1', 'a2']);
});

test('obliterate leaves nothing behind', async (context) => {
  const place = open(context);
  await place.fair.setWeight('a', 2);
  await place.add('a', 50);
  await place.add('b', 50);
  await place.fair.setServed('b', false);
  await place.queue.pause();

  await place.queue.obliterate({ force: true });

  const client = await place.fair.client;
  const keys: string[] = [];
  // The cast is true: without a type a scan gives names.
  for await (const some of client.scanStream({ match: `bull:${place.name}:*` })) keys.push(...(some as string[]));
  expect(keys).toEqual([]);
});
