import { startRedis } from '../test/engines/redis.ts';
import { fairnessOnRedis } from './bullmq/fairness.ts';
import { ORDERS, fairness } from './queue/fairness.ts';
import { type BenchResult, type BenchRow, type BenchTarget, benchResult, median, target } from './result.ts';

const SEEDS = 20;
const RUNS = 3;

/** Issue 4: shares of service against weights, simulated and on real Redis with stock workers, with the usual orders as controls. */
export async function run(options: { readonly seed: number }): Promise<BenchResult> {
  const rows: BenchRow[] = [];
  const targets: BenchTarget[] = [];
  for (const { name, make } of ORDERS) {
    const found = Array.from({ length: SEEDS }, (_, i) => fairness(make(), options.seed + i));
    const [least, most] = [Math.min(...found), Math.max(...found)];
    rows.push({ order: name, jainLeast: least, jainMost: most, seeds: SEEDS, simulated: true });
    targets.push(
      name === 'fair'
        ? target('Jain(service/weight), fair, least of 20 seeds, simulated', least, '>=', 0.98)
        : target(`Jain, ${name} control, most, simulated`, most, '<', 0.7),
    );
  }

  const redis = await startRedis();
  const found = { plain: [] as number[], fair: [] as number[] };
  for (let round = 0; redis && round < RUNS; round++) {
    for (const kind of ['plain', 'fair'] as const) found[kind].push(await fairnessOnRedis(redis, kind));
  }
  await redis?.stop();
  if (redis) {
    rows.push({ order: 'BullMQ in order of arrival, real Redis', jain: median(found.plain), runs: found.plain });
    rows.push({ order: 'BullMQ with the fair backend, real Redis', jain: median(found.fair), runs: found.fair });
  }
  targets.push(
    target('Jain, fair backend on real Redis, least of 3', redis ? Math.min(...found.fair) : null, '>=', 0.95),
    target('Jain, plain BullMQ control on real Redis, most of 3', redis ? Math.max(...found.plain) : null, '<', 0.7),
  );
  return benchResult({ bench: 'qos-fairness', seed: options.seed, rows, targets });
}
