import { BURN_RULES, type BurnRuleName, burnOf, ends, MinuteCounts } from '#qos/index.ts';
import { play } from './qos/scene.ts';
import { type BenchResult, type BenchRow, benchResult, target } from './result.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const WEEK = 168 * HOUR;
const SLO = 0.99;
const STEP_MS = 60_000;
const DAYS = 5;

/** Issue 4: when burn-rate alerts fire and clear, and what the error-budget policy is worth; all in virtual time. */
export async function run(options: { readonly seed: number }): Promise<BenchResult> {
  // A start every two seconds; the outage begins after a day and lasts twenty minutes.
  const begins = 24 * HOUR;
  const outage = replay(26 * HOUR, (at) => at >= begins && at < begins + 20 * MINUTE, 2000);
  const pages = ((outage.fired['burn-1h'] ?? Number.NaN) - begins) / MINUTE;
  const clears = ((outage.ended['burn-1h'] ?? Number.NaN) - begins - 20 * MINUTE) / MINUTE;
  const slow = replay(30 * HOUR, (_, n) => n % 40 === 0, 20_000);
  const blip = replay(24 * HOUR, (_, n) => n === 17, 24 * HOUR * 0.05);

  const rows: BenchRow[] = [];
  const part = { on: 1, off: 0 };
  for (const seed of [options.seed, options.seed + 1]) {
    for (const policy of ['off', 'on'] as const) {
      const { governor } = play({ seed, hours: DAYS * 24, stepMs: STEP_MS, preempt: true, policy: policy === 'on' });
      const { good, bad } = governor.counts;
      const inTime = good / (good + bad);
      part[policy] = policy === 'on' ? Math.min(part.on, inTime) : Math.max(part.off, inTime);
      const changes = governor.changes.filter(({ before, after }) => before?.value !== after?.value).length;
      rows.push({
        policy,
        seed,
        good,
        bad,
        inTime: Number(inTime.toFixed(4)),
        alerts: governor.alerts.length,
        changes,
        simulated: true,
      });
    }
  }
  return benchResult({
    bench: 'qos-slo',
    seed: options.seed,
    rows,
    targets: [
      target('an outage pages after, simulated minutes', pages, '<=', 10.2),
      target('and clears after its end, simulated minutes', clears, '<=', 5),
      target('a slow burn of 2.5 fires the 24 h rule (1 yes)', Number('burn-24h' in slow.fired), '=', 1),
      target('and nothing faster (alerts)', Object.keys(slow.fired).length - 1, '=', 0),
      target('one bad start in twenty fires (alerts)', Object.keys(blip.fired).length, '=', 0),
      target(
        `in-share starts in time, policy on, ${DAYS} days at twice the load, 60 s steps, simulated, least`,
        part.on,
        '>=',
        0.99,
      ),
      target('the same with the policy off, most', part.off, '<', 0.99),
    ],
  });
}

type Times = { [rule in BurnRuleName]?: number };

/** Counts one start every `everyMs` and looks at the rules every second; when each fired first and ended first after that. */
function replay(
  untilMs: number,
  isBad: (at: number, n: number) => boolean,
  everyMs: number,
): { fired: Times; ended: Times } {
  const minutes = new MinuteCounts({ keepMs: WEEK });
  const [fired, ended]: [Times, Times] = [{}, {}];
  let [n, next] = [0, 0];
  for (let now = 0; now <= untilMs; now += 1000) {
    for (; next <= now; next += everyMs) minutes.count(next, isBad(next, n++) ? 'bad' : 'good');
    for (const rule of BURN_RULES) {
      const counts = { long: minutes.within(now, rule.longMs), short: minutes.within(now, rule.shortMs) };
      const burn = burnOf(rule, counts, SLO, WEEK);
      if (burn.fires) fired[rule.name] ??= now;
      else if (fired[rule.name] !== undefined && ends(burn)) ended[rule.name] ??= now;
    }
  }
  return { fired, ended };
}
