import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { startRedis } from '../engines/redis.ts';

const ROOT = join(import.meta.dirname, '../..');

test('the example runs, and the quiet tenant gets three of four slots', async (context) => {
  const redis = await startRedis();
  if (!redis) return context.skip('no engine');

  const example = join(ROOT, 'examples/bullmq-fair/shares.js');
  const { stdout } = await promisify(execFile)(process.execPath, [example, `${redis.port}`], { timeout: 60_000 });
  await redis.stop();

  const floodDone = Number(/: (\d+) jobs done meanwhile/.exec(stdout)?.[1]);
  expect(floodDone).toBeGreaterThanOrEqual(15);
  expect(floodDone).toBeLessThanOrEqual(25);
});
