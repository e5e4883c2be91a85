/** Starts that count for an objective: in time, and not. */
export type Counts = {
  readonly good: number;
  readonly bad: number;
};

const HOUR = 3_600_000;

/**
 * Alerts by burn rate over two windows (Site Reliability Workbook, chapter 5, "Multiwindow, multi-burn-rate alerts").
 * `spends` is the part f of the error budget of period P that is gone when the rule fires on its long window w: it fires
 * at the burn rate f * P / w, for seven days 16.8, 5.6 and 2.
 */
export const BURN_RULES = [
  { name: 'burn-24h', longMs: 24 * HOUR, shortMs: 2 * HOUR, spends: 2 / 7, severity: 'ticket' },
  { name: 'burn-6h', longMs: 6 * HOUR, shortMs: HOUR / 2, spends: 0.2, severity: 'page' },
  { name: 'burn-1h', longMs: HOUR, shortMs: HOUR / 12, spends: 0.1, severity: 'page' },
] as const;
export type BurnRule = (typeof BURN_RULES)[number];
export type BurnRuleName = BurnRule['name'];

export interface Burn {
  readonly rule: BurnRuleName;
  readonly threshold: number;
  readonly long: number;
  readonly short: number;
  readonly counts: Counts;
  readonly fires: boolean;
}

/** How often the error budget is used up that the objective allows: 1 uses it up exactly in its period. 0 while nothing counted. */
export function burnRate({ good, bad }: Counts, slo: number): number {
  return good + bad === 0 ? 0 : bad / (good + bad) / (1 - slo);
}

export function thresholdOf(rule: BurnRule, periodMs: number): number {
  return (rule.spends * periodMs) / rule.longMs;
}

/** Below so many counted starts in the long window one must be surer than the ratio alone. */
const SMALL_SAMPLE = 100;
const LEAST_BAD = 3;

/** What one rule says of an objective, from the counts of its two windows. */
export function burnOf(rule: BurnRule, counts: { long: Counts; short: Counts }, slo: number, periodMs: number): Burn {
  const threshold = thresholdOf(rule, periodMs);
  const [long, short] = [burnRate(counts.long, slo), burnRate(counts.short, slo)];
  const { good, bad } = counts.long;
  const sure =
    bad >= LEAST_BAD && (good + bad >= SMALL_SAMPLE || wilsonLower(bad, good + bad) >= threshold * (1 - slo));
  const fires = long >= threshold && short >= threshold && sure;
  return { rule: rule.name, threshold, long, short, counts: counts.long, fires };
}

/** An alert ends when its short window is below the threshold, not when the long one has forgotten. */
export function ends(burn: Burn): boolean {
  return burn.short < burn.threshold;
}

/** Part of the error budget that is left in the period, from 1 down to 0. */
export function budgetLeft({ good, bad }: Counts, slo: number): number {
  return Math.max(0, 1 - burnRate({ good, bad }, slo));
}

/** The same as the policy counts it: one or two bad starts, which may be all that there were, freeze nothing. */
export function budgetLeftForPolicy(counts: Counts, slo: number): number {
  return counts.bad < LEAST_BAD ? 1 : budgetLeft(counts, slo);
}

/** Lower end of the one-sided 95 % interval of a ratio (Wilson, JASA 22, 1927). */
export function wilsonLower(hits: number, n: number): number {
  const z = 1.645;
  const p = hits / n;
  const middle = p + z ** 2 / (2 * n);
  const spread = z * Math.sqrt((p * (1 - p)) / n + z ** 2 / (4 * n ** 2));
  return (middle - spread) / (1 + z ** 2 / n);
}
