/** What a tenant could use now: jobs that run and jobs that wait. */
export interface Demand {
  readonly tenant: string;
  readonly weight: number;
  readonly jobs: number;
}

/**
 * Weighted max-min fair division of the slots: whoever wants less than its share gets what it wants, and what it leaves
 * goes to the others by weight (progressive filling; Bertsekas and Gallager, Data Networks, section 6.5.2).
 * Parts of slots are allowed; the sum is min(slots, all jobs).
 */
export function fairSlots(demands: readonly Demand[], slots: number): ReadonlyMap<string, number> {
  const fair = new Map<string, number>();
  let left = slots;
  let weights = demands.reduce((sum, { weight }) => sum + weight, 0);
  for (const { tenant, weight, jobs } of demands.toSorted((a, b) => a.jobs / a.weight - b.jobs / b.weight)) {
    const share = Math.min(jobs, (left * weight) / weights);
    fair.set(tenant, share);
    left -= share;
    weights -= weight;
  }
  return fair;
}

/** Guards comparisons of shares against the last bit of a division. */
const EPSILON = 1e-9;

export function atMost(jobs: number, share: number): boolean {
  return jobs <= share + EPSILON;
}

/** True when all that the tenant asks for is due to it: its waits count for its objective. */
export function isInShare(demand: Demand, fair: ReadonlyMap<string, number>): boolean {
  return atMost(demand.jobs, fair.get(demand.tenant) ?? 0);
}
