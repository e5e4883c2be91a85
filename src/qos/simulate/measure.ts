import type { TenantId } from '#domain/ids.ts';
import type { SimRun } from './simulate.ts';

/** Jain's fairness index (Jain, Chiu, Hawe, DEC-TR-301, 1984): (sum x)^2 / (n sum x^2); 1 when all are equal, 1/n when one has all. */
export function jain(values: readonly number[]): number {
  const sum = values.reduce((total, x) => total + x, 0);
  const squares = values.reduce((total, x) => total + x * x, 0);
  return squares === 0 ? 1 : sum ** 2 / (values.length * squares);
}

/** Slot-milliseconds that the tenant's jobs ran within [from, to). */
export function serviceWithin(runs: readonly SimRun[], tenant: TenantId, from: number, to: number): number {
  return runs
    .filter((run) => run.tenant === tenant)
    .reduce((sum, run) => sum + Math.max(0, Math.min(run.endsAt, to) - Math.max(run.startedAt, from)), 0);
}

/** The q-quantile by nearest rank; NaN of nothing. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
}
