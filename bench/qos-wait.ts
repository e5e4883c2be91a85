import { quantile, type SimGovernor } from '#qos/index.ts';
import { MEAN_MS, play, quietWaits, SLOTS, TARGET_MS } from './qos/scene.ts';
import { afterIdleHour, leastOfShare, oneAgainstFifty } from './qos/shares.ts';
import { type BenchResult, type BenchRow, benchResult, target } from './result.ts';

const HOURS = 60;
const STEP_MS = 20_000;
const QUANTUM_MS = 50_000;
const SEEDS = 3;

/** Issue 4: how long in-share tenants wait beside a flood at twice the capacity, and what shares are worth over time; all in virtual time. */
export async function run(options: { readonly seed: number }): Promise<BenchResult> {
  const seeds = Array.from({ length: SEEDS }, (_, i) => options.seed + i);
  const yielding = seeds.map((seed) => flooded(seed, true));
  const toTheEnd = seeds.map((seed) => flooded(seed, false));
  const most = (value: (one: Flooded) => number): number => Math.max(...yielding.map(value));
  const sum = (value: (one: Flooded) => number): number => yielding.reduce((total, one) => total + value(one), 0);
  const p95 = most(({ row }) => row.p95Ms);
  const pairs = sum(({ given }) => pingPongs(given));
  const rows: BenchRow[] = [...yielding, ...toTheEnd].map(({ row }) => row);
  const plain = Math.min(...seeds.map((seed) => leastOfShare(seed, false)));
  rows.push({ how: 'part of its share in the least window, without giving way', least: plain, simulated: true });
  rows.push({ how: 'tenants that gave a slot and got one back within a quantum', pairs, simulated: true });
  const shares = seeds.map((seed) => leastOfShare(seed, true));
  const fromHalf = (of: (seed: number) => number): number => Math.max(...seeds.map((seed) => Math.abs(of(seed) - 0.5)));
  const says = `20 slots, ${MEAN_MS / 1000} s jobs, twice the load, simulated`;
  const given = sum((one) => one.given.length);
  return benchResult({
    bench: 'qos-wait',
    seed: options.seed,
    rows,
    targets: [
      target(`in-share p95 wait, ms: ${says}, most of ${SEEDS} seeds`, p95, '<=', TARGET_MS),
      target('the same over run-to-completion', p95 / Math.min(...toTheEnd.map(({ row }) => row.p95Ms)), '<=', 0.1),
      target(
        'part of the slot time spent on coming back',
        most(({ row }) => row.wasted),
        '<=',
        0.01,
      ),
      target(
        'preemptions of one job, most',
        most(({ preemptions }) => preemptions),
        '<=',
        3,
      ),
      target(`jobs that gave way to one that later gave way to them, of ${given} preemptions`, sum(traded), '=', 0),
      target('part of its share in any window of 50 mean jobs, least', Math.min(...shares), '>=', 0.95),
      target('one waiting job against fifty, distance from half', fromHalf(oneAgainstFifty), '<=', 0.02),
      target('back after an idle hour, distance from half in 10 minutes', fromHalf(afterIdleHour), '<=', 0.05),
    ],
  });
}

interface Flooded {
  readonly row: {
    readonly p95Ms: number;
    readonly wasted: number;
    readonly [column: string]: string | number | boolean;
  };
  readonly given: Given;
  readonly preemptions: number;
}

function flooded(seed: number, preempt: boolean): Flooded {
  const { runs, governor } = play({ seed, hours: HOURS, stepMs: STEP_MS, preempt, policy: false });
  const waits = quietWaits(runs);
  const wasted = runs.reduce((total, one) => total + one.wastedMs, 0) / (SLOTS * HOURS * 3_600_000);
  const at = (q: number): number => Math.round(quantile(waits, q));
  const how = preempt ? 'giving way' : 'to the end';
  const row = {
    how,
    seed,
    jobs: waits.length,
    p50Ms: at(0.5),
    p95Ms: at(0.95),
    p99Ms: at(0.99),
    wasted,
    simulated: true,
  };
  return { row, given: governor.given, preemptions: Math.max(...runs.map(({ preemptions }) => preemptions)) };
}

type Given = SimGovernor['given'];

/** Tenant A gave a slot to B and B one to A within a quantum; new arrivals may call for that. */
function pingPongs(given: Given): number {
  return given.filter((one, i) =>
    given
      .slice(i + 1, i + 200)
      .some((later) => later.at - one.at < QUANTUM_MS && later.from === one.to && later.to === one.from),
  ).length;
}

/** Job A gave way to B and, at any time, B to A: work that is only moved about. */
function traded({ given }: Flooded): number {
  const pairs = new Set(given.map(({ fromTask, toTask }) => `${fromTask} ${toTask}`));
  return given.filter(({ fromTask, toTask }) => pairs.has(`${toTask} ${fromTask}`)).length;
}
