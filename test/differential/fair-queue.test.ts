import { afterAll, expect, test } from 'vitest';
import { BullmqQueue } from '#adapters/bullmq/job-queue.ts';
import { SqlFairQueue, openStore } from '#adapters/sql/index.ts';
import { ManualClock } from '#kernel/clock.ts';
import { slotMs } from '#kernel/virtual-time.ts';
import { MemoryQueue } from '#qos/index.ts';
import { ENGINES, type StorePlaces, startEngine } from '../engines/stores.ts';
import { startRedis } from '../engines/redis.ts';
import { sized } from '../size.ts';
import { playTrace } from './trace.ts';

const EVENTS = sized(2_000, 10_000);
const estimate = slotMs(1000);
const running: StorePlaces[] = [];

afterAll(async () => {
  for (const places of running) await places.stop();
});

async function inMemory(seed: number): Promise<string[]> {
  const clock = new ManualClock(1_000_000);
  return playTrace(new MemoryQueue({ clock, estimate }), { clock, seed, events: EVENTS });
}

test('the trace does what it is for', async () => {
  const answers = await inMemory(1);

  const dispatched = answers.filter((answer) => answer.startsWith('claim j')).length;
  expect(dispatched).toBeGreaterThan(EVENTS * 0.15);
  expect(answers.some((answer) => /^settle .* false$/.test(answer))).toBe(true);
  expect(answers.some((answer) => answer.startsWith('expire j'))).toBe(true);
  expect(answers.some((answer) => /^position \d/.test(answer))).toBe(true);
  expect(await inMemory(2)).not.toEqual(answers);
});

for (const engine of ENGINES) {
  test(`the same ${EVENTS} events give the identical order in memory and in ${engine}`, async (context) => {
    const places = await startEngine(engine);
    if (!places) return context.skip('no engine');
    running.push(places);
    const store = await openStore(places.next());
    const clock = new ManualClock(1_000_000);
    const queue = new SqlFairQueue({ sql: store.queue, clock, estimate });

    const answers = await playTrace(queue, { clock, seed: 1, events: EVENTS });
    await store.close();

    expect(answers).toEqual(await inMemory(1));
  });
}

test(`the same ${EVENTS} events give the identical order in memory and in the Lua of the BullMQ backend`, async (context) => {
  const redis = await startRedis();
  if (!redis) return context.skip('no engine');
  const clock = new ManualClock(1_000_000);
  const queue = new BullmqQueue({ connection: redis, name: 'differential', clock, estimate });

  const answers = await playTrace(queue, { clock, seed: 1, events: EVENTS });
  await queue.close();
  await redis.stop();

  expect(answers).toEqual(await inMemory(1));
});
