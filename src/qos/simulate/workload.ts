import type { Random } from '#kernel/random.ts';
import { type SlotMs, type Weight, slotMs } from '#kernel/virtual-time.ts';
import type { TenantId } from '#domain/ids.ts';
import type { Priority } from '#domain/task.ts';

/** A tenant of a simulation: how long its jobs are, and how they come. */
export interface SimTenant {
  readonly id: TenantId;
  readonly weight: Weight;
  /** Of its jobs; lo when left out. */
  readonly priority?: Priority;
  /** Mean length of a job. */
  readonly meanMs: number;
  /** Coefficient of variation of the length; 0 makes all jobs equal. */
  readonly cv: number;
  /** `backlog`: that many always wait. `poisson`: independent arrivals, so many an hour on average. */
  /** When its first jobs may come; 0 when left out. */
  readonly fromMs?: number;
  readonly arrivals:
    | { readonly kind: 'backlog'; readonly jobs: number }
    | { readonly kind: 'poisson'; readonly perHour: number };
}

/** Log-normal length with the tenant's mean and variation: ln X ~ N(ln m - s^2/2, s^2), s^2 = ln(1 + cv^2). */
export function jobLength(tenant: SimTenant, random: Random): SlotMs {
  const variance = Math.log(1 + tenant.cv ** 2);
  const length = tenant.meanMs * Math.exp(Math.sqrt(variance) * standardNormal(random) - variance / 2);
  return slotMs(Math.max(1, length));
}

/** Exponential gap to the next arrival, in milliseconds. */
export function arrivalGap(perHour: number, random: Random): number {
  return (-Math.log(1 - random.next()) * 3_600_000) / perHour;
}

/** Box and Muller, 1958. */
function standardNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}
