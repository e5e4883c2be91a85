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
  const rows: BenchRow[] = [];
  const p95: { [how: string]: number[] } = { yielding: [], 'to the end': [] };
  let [wasted, preempted, most, back, traded] = [0, 0, 0, 0, 0];
  for (const seed of seeds) {
    for (const how of ['yielding', 'to the end'] as const) {
      const preempt = how === 'yielding';
      const { runs, governor } = play({ seed, hours: HOURS, stepMs: STEP_MS, preempt, policy: false });
      const waits = quietWaits(runs);
      p95[how]?.push(quantile(waits, 0.95));
      const waste = runs.reduce((sum, one) => sum + one.wastedMs, 0) / (SLOTS * HOURS * 3_600_000);
      wasted = Math.max(wasted, waste);
      preempted += governor.given.length;
      most = Math.max(most, ...runs.map(({ preemptions }) => preemptions));
      back += pingPongs(governor.given);
      traded += trades(governor.given);
      rows.push({
        how,
        seed,
        jobs: waits.length,
        p50Ms: Math.round(quantile(waits, 0.5)),
        p95Ms: Math.round(quantile(waits, 0.95)),
        p99Ms: Math.round(quantile(waits, 0.99)),
        wasted: Number(waste.toFixed(5)),
        simulated: true,
      });
    }
  }
  const yielding = Math.max(...(p95['yielding'] ?? []));
  const shares = seeds.map((seed) => leastOfShare(seed, 'of 50 mean jobs'));
  const shorter = Math.min(...seeds.map((seed) => leastOfShare(seed, 'in which 50 are due')));
  rows.push({ how: 'share in the least window in which 50 mean jobs are due', least: Number(shorter.toFixed(4)), simulated: true });
  rows.push({ how: 'tenants that gave a slot and got one of the same tenant within a quantum', pairs: back, simulated: true });
  const halves = seeds.map((seed) => Math.abs(oneAgainstFifty(seed) - 0.5));
  const returns = seeds.map((seed) => Math.abs(afterIdleHour(seed) - 0.5));
  const says = `20 slots, ${MEAN_MS / 1000} s jobs, twice the load, simulated`;
  return benchResult({
    bench: 'qos-wait',
    seed: options.seed,
    rows,
    targets: [
      target(`in-share p95 wait, ms: ${says}, most of ${SEEDS} seeds`, Math.round(yielding), '<=', TARGET_MS),
      target('the same over run-to-completion', yielding / Math.min(...(p95['to the end'] ?? [])), '<=', 0.1),
      target('part of the slot time spent on coming back', wasted, '<=', 0.01),
      target('preemptions of one job, most', most, '<=', 3),
      target(`jobs that gave way to one that later gave way to them, of ${preempted} preemptions`, traded, '=', 0),
      target('part of its share in any window of 50 mean jobs, least', Math.min(...shares), '>=', 0.95),
      target('one waiting job against fifty, distance from half', Math.max(...halves), '<=', 0.02),
      target('back after an idle hour, distance from half in 10 minutes', Math.max(...returns), '<=', 0.05),
    ],
  });
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
function trades(given: Given): number {
  const pairs = new Set(given.map(({ fromTask, toTask }) => `${fromTask} ${toTask}`));
  return given.filter(({ fromTask, toTask }) => pairs.has(`${toTask} ${fromTask}`)).length;
}
