import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratch } from '../e2e/maestro.ts';
import { startPostgres } from '../engines/postgres.ts';
import { startRedis } from '../engines/redis.ts';
import { sized } from '../size.ts';
import { type StormReport, storm } from './storm.ts';

const ROUNDS = sized(2, 20);

const middle = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

/** Printed, so that a run by hand shows what was done. */
function told(engine: string, report: StormReport): StormReport {
  const { acknowledged, kills, readyMs, resumedMs } = report;
  const said = { rounds: ROUNDS, acknowledged, kills, readyMs, resumedMs };
  console.log(`${engine}: ${JSON.stringify(said)}; half are ready within ${middle(readyMs)} ms`);
  return report;
}

test('embedded: conductor and worker are killed again and again, and each task is done exactly once', async () => {
  using folder = scratch();

  const report = told('embedded', await storm({ dir: folder.dir, seed: 1, rounds: ROUNDS, env: {} }));

  expect(report.faults).toEqual([]);
  expect(report.acknowledged).toBe(ROUNDS);
});

test('at scale: Redis is killed too and loses everything, and each task is done exactly once', async (context) => {
  const [postgres, redis] = [await startPostgres({ fsync: true }), await startRedis()];
  if (!postgres || !redis) return context.skip('no engine');
  using folder = scratch();
  mkdirSync(join(folder.dir, 'data'), { recursive: true });
  const env = {
    MAESTRO_ENGINE_STORE: 'postgres',
    MAESTRO_ENGINE_POSTGRES_URL: postgres.url,
    MAESTRO_ENGINE_QUEUE: 'bullmq',
    MAESTRO_ENGINE_REDIS_URL: `redis://${redis.host}:${redis.port}`,
  };

  const report = told('at scale', await storm({ dir: folder.dir, seed: 4, rounds: ROUNDS, env, redis }));
  await postgres.stop();

  expect(report.faults).toEqual([]);
  expect(report.acknowledged).toBe(ROUNDS);
});
