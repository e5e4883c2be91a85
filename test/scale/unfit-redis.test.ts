import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { maestro, scratch } from '../e2e/maestro.ts';
import { startRedis } from '../engines/redis.ts';

let folder: ReturnType<typeof scratch>;
beforeEach(() => void (folder = scratch()));
afterEach(() => folder[Symbol.dispose]());

/** What `maestro worker` says on a Redis at this port, which it must refuse. */
async function refusal(port: number): Promise<unknown> {
  const env = { MAESTRO_ENGINE_QUEUE: 'bullmq', MAESTRO_ENGINE_REDIS_URL: `redis://127.0.0.1:${port}` };
  const { code, stdout, stderr } = await maestro(join(folder.dir, 'data'), ['worker', '--json'], env);
  expect(stdout).toBe('');
  expect(code).toBe(4);
  // BullMQ warns before we refuse.
  return (JSON.parse(stderr.trim().split('\n').at(-1) ?? '') as { error: unknown }).error;
}

test.each([
  ['REDIS_EVICTS', ['--maxmemory-policy', 'allkeys-lru']],
  ['REDIS_NO_SCRIPTS', ['--user', 'default', 'on', 'nopass', '~*', '&*', '+@all', '-@scripting']],
])('a Redis that is not fit is refused at the start, with %s and a cure', async (code, settings) => {
  const redis = await startRedis({ settings });
  if (redis === undefined) return;

  expect(await refusal(redis.port)).toMatchObject({ code, cure: expect.stringMatching(/./) as unknown });
  await redis.stop();
});

test('a Redis that is not there is told so within seconds', async () => {
  const redis = await startRedis();
  if (redis === undefined) return;
  await redis.stop();

  expect(await refusal(redis.port)).toMatchObject({ code: 'REDIS_UNREACHABLE' });
});
