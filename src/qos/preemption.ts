import type { Priority } from '#domain/task.ts';
import { atMost, type Demand, fairSlots } from './fair-slots.ts';

/** How often one job may give way before it is left alone, so that it ends. */
export const MOST_PREEMPTIONS = 3;

/** A tenant as it stands. */
export interface Load {
  readonly tenant: string;
  readonly weight: number;
  readonly waiting: number;
  readonly running: number;
  /** Running jobs of priority lo that may still give way. */
  readonly yielding: number;
}

/** The first of a tenant's waiting jobs. */
export interface Head {
  readonly task: string;
  readonly tenant: string;
  readonly priority: Priority;
  readonly waitedMs: number;
  /** How often it has given way itself: who has, takes no slot by force, or two jobs could trade one for ever. */
  readonly preemptions: number;
  /** The tenant's promise: a task starts within this time. */
  readonly targetMs: number;
}

/** One slot is to be given back at the next step boundary of a job of `from`, so that `task` can start. */
export interface SlotOrder {
  readonly from: string;
  readonly task: string;
  readonly tenant: string;
  readonly waitedMs: number;
  /** Slots that the victim's tenant has, and that are due to it. */
  readonly running: number;
  readonly due: number;
}

/**
 * Which tenants should give a slot back, when all `slots` are taken. A head that has waited longer than `trigger` of its
 * target gets one from the tenant with the most running jobs for its weight, if and only if that tenant stays at or
 * above what is due to it after the loss and the waiting one at or below after the gain; so the two never trade back
 * (kueue 7101 is what happens otherwise). Within one tenant hi takes the slot of lo. A job of priority hi never gives way.
 */
export function slotOrders(
  loads: readonly Load[],
  heads: readonly Head[],
  open: readonly Pick<SlotOrder, 'from' | 'task' | 'tenant'>[],
  how: { readonly slots: number; readonly trigger: number },
): readonly SlotOrder[] {
  const { slots, trigger } = how;
  if (loads.reduce((sum, { running }) => sum + running, 0) < slots) return [];
  const places = new Map(loads.map((load) => [load.tenant, { ...load }]));
  const fair = fairSlots(loads.map(demandOf), slots);
  const move = (from: string, to: string): void => {
    const [victim, winner] = [places.get(from), places.get(to)];
    if (victim) places.set(from, { ...victim, running: victim.running - 1, yielding: victim.yielding - 1 });
    if (winner) places.set(to, { ...winner, running: winner.running + 1 });
  };
  for (const { from, tenant } of open) move(from, tenant);

  const orders: SlotOrder[] = [];
  const asked = new Set(open.map(({ task }) => task));
  for (const head of heads.toSorted(mostUrgentFirst)) {
    if (head.preemptions > 0 || head.waitedMs < trigger * head.targetMs || asked.has(head.task)) continue;
    const victim = victimFor(head, [...places.values()], fair);
    if (victim === undefined) continue;
    const { task, tenant, waitedMs } = head;
    const due = fair.get(victim.tenant) ?? 0;
    orders.push({ from: victim.tenant, task, tenant, waitedMs, running: victim.running, due });
    move(victim.tenant, tenant);
  }
  return orders;
}

export function demandOf({ tenant, weight, waiting, running }: Omit<Load, 'yielding'>): Demand {
  return { tenant, weight, jobs: waiting + running };
}

function mostUrgentFirst(a: Head, b: Head): number {
  if (a.priority !== b.priority) return a.priority === 'hi' ? -1 : 1;
  return b.waitedMs / b.targetMs - a.waitedMs / a.targetMs || (a.task < b.task ? -1 : 1);
}

function victimFor(head: Head, places: readonly Load[], fair: ReadonlyMap<string, number>): Load | undefined {
  const winner = places.find(({ tenant }) => tenant === head.tenant);
  if (winner === undefined) return undefined;
  const own = head.priority === 'hi' && winner.yielding > 0 ? winner : undefined;
  if (!atMost(winner.running + 1, fair.get(winner.tenant) ?? 0)) return own;
  const over = places.filter(
    ({ tenant, running, yielding }) =>
      tenant !== head.tenant && yielding > 0 && atMost(fair.get(tenant) ?? 0, running - 1),
  );
  const [most] = over.sort((a, b) => b.running / b.weight - a.running / a.weight || (a.tenant < b.tenant ? -1 : 1));
  return most ?? own;
}

/** A job that has come to a step boundary. */
export interface AtBoundary {
  readonly tenant: string;
  readonly task: string;
  readonly priority: Priority;
  /** Since it was given its slot. */
  readonly ranMs: number;
  readonly preemptions: number;
}

/**
 * True when the job may give way at this boundary: it is lo, has had its quantum (ten times what a checkpoint costs is a
 * good one), and has not given way too often already.
 */
export function mayGiveWay(job: AtBoundary, quantumMs: number): boolean {
  return job.priority === 'lo' && job.ranMs >= quantumMs && job.preemptions < MOST_PREEMPTIONS;
}
