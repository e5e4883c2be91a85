/** One job as it went: when it could have run, when it ran and to when; times in milliseconds. */
export interface ServedJob {
  readonly tenant: string;
  readonly readyAt: number;
  readonly startedAt: number;
  readonly endedAt: number;
}

export interface Share {
  readonly tenant: string;
  /** Part of the slot time in the interval; null when there was no interval. */
  readonly got: number | null;
  /** Weight over the sum of weights. */
  readonly due: number;
}

/**
 * Shares of slot time got against shares due, over the interval in which every tenant had work waiting:
 * from the last tenant's first job becoming ready to the first tenant's last start. Outside it nothing is due.
 */
export function sharesOf(
  weights: readonly { readonly tenant: string; readonly weight: number }[],
  jobs: readonly ServedJob[],
): readonly Share[] {
  const total = weights.reduce((sum, { weight }) => sum + weight, 0);
  const of = (tenant: string): readonly ServedJob[] => jobs.filter((job) => job.tenant === tenant);
  const from = Math.max(...weights.map(({ tenant }) => Math.min(...of(tenant).map(({ readyAt }) => readyAt))));
  const to = Math.min(...weights.map(({ tenant }) => Math.max(...of(tenant).map(({ startedAt }) => startedAt))));
  const inside = (tenant: string): number =>
    of(tenant).reduce((sum, job) => sum + Math.max(0, Math.min(job.endedAt, to) - Math.max(job.startedAt, from)), 0);
  const served = weights.reduce((sum, { tenant }) => sum + inside(tenant), 0);
  const known = Number.isFinite(from) && Number.isFinite(to) && served > 0;
  return weights.map(({ tenant, weight }) => ({
    tenant,
    got: known ? inside(tenant) / served : null,
    due: weight / total,
  }));
}
