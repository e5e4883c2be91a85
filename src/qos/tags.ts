import { type SlotMs, type VirtualTime, type Weight, virtualSpan } from '#kernel/virtual-time.ts';

/**
 * Head-of-line start-time fair queueing: SFQ (Goyal, Vin, Cheng, SIGCOMM 1996, section 2) with the cost corrected
 * when it is known (virtual token counter: Sheng et al., OSDI 2024, section 4). The letters:
 *
 *   V  virtual time of the queue: the start tag of the job last dispatched; never goes back
 *   F  a tenant's finish tag, which is the start tag S of its next job
 *   w  a tenant's weight
 *   c  cost in slot-milliseconds, as far as it is known: an estimate, what was used so far, the actual
 *
 * The job with the least S goes first. Tags belong to tenants and not to jobs, so a new weight acts at once on all
 * that waits. While two tenants have jobs waiting, |W_i/w_i - W_j/w_j| <= n_i c_i/w_i + n_j c_j/w_j, where W is
 * service, c the greatest charge not yet made and n the jobs in flight.
 */

/** F of a tenant that comes back from idle or blocked: it keeps its debt and brings no credit. */
export function lift(F: VirtualTime, V: VirtualTime): VirtualTime {
  return F < V ? V : F;
}

/** V after a job with start tag S was dispatched. A correction may have moved S behind V; V stays. */
export function dispatched(V: VirtualTime, S: VirtualTime): VirtualTime {
  return S > V ? S : V;
}

/** F after a charge was made, or corrected from `charged` to `c`: F + (c - charged) / w. */
export function charge(F: VirtualTime, w: Weight, c: SlotMs, charged: number): VirtualTime {
  // The cast is true: both terms are integers.
  return (F + virtualSpan(c - charged, w)) as VirtualTime;
}

/** A tenant as the order sees it. */
export interface Tagged {
  readonly tenant: string;
  readonly F: VirtualTime;
}

/** Below zero when `a` goes before `b`: the lesser tag, on a tie the lesser tenant id. Never 0 for two tenants. */
export function compareTags(a: Tagged, b: Tagged): number {
  if (a.F !== b.F) return a.F - b.F;
  if (a.tenant === b.tenant) return 0;
  return a.tenant < b.tenant ? -1 : 1;
}

/**
 * How many of `waiting` jobs of a tenant are dispatched before the job `at`, when each dispatch moves the tenant's tag
 * by `step` and nothing else changes.
 */
export function servedBefore(other: Tagged, waiting: number, step: number, at: Tagged): number {
  const gap = at.F - other.F;
  const first = other.tenant < at.tenant ? Math.floor(gap / step) + 1 : Math.ceil(gap / step);
  return Math.min(waiting, Math.max(0, first));
}
