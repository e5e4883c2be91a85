import { Redis } from 'ioredis';
import { libraryFor } from '#adapters/bullmq/fuse.ts';
import { startRedis } from '../../test/engines/redis.ts';
import { median } from '../result.ts';
import { BenchPlace } from './place.ts';

const BATCH = 5000;
const WARM = 200;
const MEASURED = 1000;
const JOBS = WARM + 5 * MEASURED;

/**
 * Time inside Redis for one job's way through the fused scripts (finish and fetch the next), in microseconds, with that
 * many tenants waiting: the median of five stretches of 1000 no-op jobs of a stock worker.
 */
export async function dispatchMicros(tenants: number): Promise<{ median: number; runs: number[] }> {
  const redis = await startRedis();
  if (!redis) return { median: Number.NaN, runs: [] };
  const client = new Redis(redis.port, redis.host);
  const place = new BenchPlace(redis, 'fair');
  await place.queue.waitUntilReady();
  await fillDirectly(client, `bull:${place.name}:`, tenants);
  const runs: number[] = [];
  await new Promise<void>((resolve, reject) => {
    let done = 0;
    place.worker(async () => {
      done++;
      if (done > JOBS || done < WARM || (done - WARM) % MEASURED !== 0) return;
      const stats = await client.info('commandstats');
      const micros = Number(/cmdstat_evalsha:.*?usec_per_call=([\d.]+)/.exec(stats)?.[1]);
      await client.config('RESETSTAT');
      if (done > WARM) runs.push(micros);
      if (done === JOBS) resolve();
    }, 1);
    setTimeout(() => reject(new Error('the worker did not finish')), 300_000).unref();
  });
  // Hundreds of thousands of waiting jobs go with their Redis.
  await place.abandon();
  await client.quit();
  await redis.stop();
  return { median: median(runs), runs };
}

/** One waiting job of each tenant, and as many more of the first ones as the measurement runs through. */
async function fillDirectly(client: Redis, prefix: string, tenants: number): Promise<void> {
  const lua = `${libraryFor({ tenantField: 'tenant', estimateMicros: 1000 }, 'KEYS[1]')}
    for n = ARGV[1], ARGV[2] do
      local id = string.format("j%d", n)
      rcall("HSET", KEYS[1] .. id, "name", "job", "data", '{"tenant":"t' .. n % ARGV[3] .. '"}', "opts", "{}",
        "timestamp", "0", "delay", "0", "priority", "0")
      lines().park(id, tonumber(n), "t" .. n % ARGV[3])
    end
    rcall("ZADD", KEYS[1] .. "marker", 0, "0")`;
  const jobs = Math.max(tenants, 2 * JOBS);
  for (let from = 0; from < jobs; from += BATCH) {
    await client.eval(lua, 1, prefix, from, Math.min(jobs, from + BATCH) - 1, tenants);
  }
}
