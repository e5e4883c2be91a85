import { claimAndComplete, claimMicros, scanAndSort, withTenants } from './queue/embedded.ts';
import { ORDERS, fairness } from './queue/fairness.ts';
import { type BenchResult, type BenchRow, benchResult, median, target } from './result.ts';

const SEEDS = 20;
const RUNS = 5;
const [FEW, MANY] = [10, 50_000];

/** Issue 2: fairness of the order, speed of the embedded queue, and its cost as tenants grow. */
export async function run(options: { readonly seed: number }): Promise<BenchResult> {
  const jain: { readonly [order: string]: number[] } = Object.fromEntries(ORDERS.map(({ name }) => [name, []]));
  for (let i = 0; i < SEEDS; i++) {
    for (const { name, make } of ORDERS) jain[name]?.push(fairness(make(), options.seed + i));
  }
  const rows: BenchRow[] = ORDERS.map(({ name }) => ({
    order: name,
    jainLeast: Math.min(...(jain[name] ?? [])),
    jainMost: Math.max(...(jain[name] ?? [])),
    seeds: SEEDS,
    simulated: true,
  }));

  const speed = await embedded();
  rows.push(
    { queue: 'sqlite, claim + complete', perSecond: median(speed.fair), runs: speed.fair },
    { queue: 'sqlite, scan and sort', perSecond: median(speed.scan), runs: speed.scan },
    { queue: `sqlite, claim, ${FEW} tenants`, micros: median(speed.few), runs: speed.few },
    { queue: `sqlite, claim, ${MANY} tenants`, micros: median(speed.many), runs: speed.many },
  );
  return benchResult({
    bench: 'queue',
    seed: options.seed,
    rows,
    targets: [
      target('Jain(service/weight), fair, least of 20 seeds, simulated', Math.min(...(jain['fair'] ?? [])), '>=', 0.98),
      target('Jain, FIFO control, most, simulated', Math.max(...(jain['fifo'] ?? [])), '<', 0.7),
      target('Jain, round robin control, most, simulated', Math.max(...(jain['round robin'] ?? [])), '<', 0.7),
      target('embedded claim + complete per second', median(speed.fair), '>=', 2000),
      target('claim at 50 000 tenants / at 10', median(speed.many) / median(speed.few), '<=', 2),
    ],
  });
}

/** All in turns, so that other work on the machine falls on each alike. */
async function embedded(): Promise<{ fair: number[]; scan: number[]; few: number[]; many: number[] }> {
  const found = { fair: [] as number[], scan: [] as number[], few: [] as number[], many: [] as number[] };
  await withTenants(FEW, (fewQueue) =>
    withTenants(MANY, async (manyQueue, sql) => {
      for (let round = 0; round < RUNS; round++) {
        found.few.push(await claimMicros(fewQueue, 1000, round));
        found.many.push(await claimMicros(manyQueue, 1000, round));
        found.fair.push(await claimAndComplete(fewQueue, 2000, round));
        found.scan.push(await scanAndSort(sql, 5));
      }
    }),
  );
  return found;
}
