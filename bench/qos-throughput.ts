import { startRedis, type TestRedis } from '../test/engines/redis.ts';
import { dispatchMicros } from './bullmq/dispatch-cost.ts';
import { BenchPlace, KINDS, type Kind } from './bullmq/place.ts';
import { type BenchResult, type BenchRow, type BenchTarget, benchResult, median, target } from './result.ts';

const CONCURRENCIES = [1, 10, 50];
const ROUNDS = 5;
const TENANTS = 10;
const JOBS = 4000;
const FEW = 10;
const MANY = [50_000, 500_000];

/** Issue 4: jobs per second of a stock worker over the fair backend against plain BullMQ, and the cost of a dispatch as tenants grow. */
export async function run(options: { readonly seed: number }): Promise<BenchResult> {
  const redis = await startRedis();
  const rows: BenchRow[] = [];
  const targets: BenchTarget[] = [];
  for (const concurrency of CONCURRENCIES) {
    const name = `fair / plain BullMQ, jobs per second, concurrency ${concurrency}`;
    if (!redis) {
      targets.push(target(name, null, '>=', 0.7));
      continue;
    }
    const speeds = await interleaved(redis, concurrency);
    for (const kind of KINDS) {
      rows.push({ kind, concurrency, perSecond: Math.round(median(speeds[kind])), runs: speeds[kind].map(Math.round) });
    }
    // Pairs that ran next to each other, so that what else the machine did falls on both.
    const ratios = speeds.fair.map((fair, round) => fair / (speeds.plain[round] ?? Number.NaN));
    rows.push({ kind: 'fair / plain', concurrency, median: median(ratios), runs: ratios });
    targets.push(target(name, median(ratios), '>=', 0.7));
  }
  await redis?.stop();

  const few = redis ? await dispatchMicros(FEW) : undefined;
  if (few) rows.push({ tenants: FEW, microsInRedis: few.median, runs: few.runs });
  for (const tenants of MANY) {
    const many = redis ? await dispatchMicros(tenants) : undefined;
    if (many) rows.push({ tenants, microsInRedis: many.median, runs: many.runs });
    targets.push(
      target(`dispatch at ${tenants} tenants / at ${FEW}`, many && few ? many.median / few.median : null, '<=', 2),
    );
  }
  return benchResult({ bench: 'qos-throughput', seed: options.seed, rows, targets });
}

/** Jobs per second of both kinds, in turns after one round to warm up. */
async function interleaved(redis: TestRedis, concurrency: number): Promise<{ [kind in Kind]: number[] }> {
  const speeds = { plain: [] as number[], fair: [] as number[] };
  for (let round = 0; round <= ROUNDS; round++) {
    // A then B, then B then A.
    for (const kind of round % 2 === 0 ? KINDS : KINDS.toReversed()) {
      const speed = await jobsPerSecond(redis, kind, concurrency);
      if (round > 0) speeds[kind].push(speed);
    }
  }
  return speeds;
}

async function jobsPerSecond(redis: TestRedis, kind: Kind, concurrency: number): Promise<number> {
  const place = new BenchPlace(redis, kind);
  await place.fill(JOBS, TENANTS);
  let first = 0;
  let done = 0;
  await new Promise<void>((resolve) => {
    place.worker(async () => {
      done++;
      if (done === 1) first = performance.now();
      if (done === JOBS) resolve();
    }, concurrency);
  });
  const speed = ((JOBS - 1) / (performance.now() - first)) * 1000;
  await place.close();
  return speed;
}
