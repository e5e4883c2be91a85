import { seededRandom } from '#kernel/random.ts';
import { slotMs, weight } from '#kernel/virtual-time.ts';
import type { TenantId } from '#domain/ids.ts';
import { FairQueue, SimGovernor, type SimRun, type SimTenant, simulate } from '#qos/index.ts';

export const SLOTS = 20;
export const MEAN_MS = 600_000;
const QUIET = 9;
export const TARGET_MS = 20_000;
const HOUR = 3_600_000;

/** Nine tenants that offer half of their own share, and one that offers the rest of twice the capacity. */
function twiceTheLoad(): SimTenant[] {
  const perHour = (erlangs: number): number => (erlangs * HOUR) / MEAN_MS;
  const share = SLOTS / (QUIET + 1);
  const quiet = Array.from({ length: QUIET }, (_, i) => tenant(`quiet-${i + 1}`, perHour(share / 2)));
  return [...quiet, tenant('flood', perHour(2 * SLOTS - (QUIET * share) / 2))];
}

function tenant(id: string, perHour: number): SimTenant {
  // The cast is true: these are the tenants of these benches.
  return { id: id as TenantId, weight: weight(1), meanMs: MEAN_MS, cv: 1, arrivals: { kind: 'poisson', perHour } };
}

export interface SceneOptions {
  readonly seed: number;
  readonly hours: number;
  readonly stepMs: number;
  readonly preempt: boolean;
  readonly policy: boolean;
  readonly tenants?: readonly SimTenant[];
  readonly quantumMs?: number;
}

export interface Scene {
  readonly runs: readonly SimRun[];
  readonly governor: SimGovernor;
}

/** The conductor's queue, preemption and error-budget policy in virtual time. */
export function play(options: SceneOptions): Scene {
  const tenants = options.tenants ?? twiceTheLoad();
  const queue = new FairQueue({ estimate: slotMs(1000) });
  const governor = new SimGovernor({
    queue,
    tenants,
    slots: SLOTS,
    targetMs: TARGET_MS,
    slo: 0.99,
    periodMs: 168 * HOUR,
    quantumMs: options.quantumMs ?? 50_000,
    everyMs: 1000,
    preempt: options.preempt,
    policy: options.policy,
  });
  const { stepMs, seed } = options;
  const untilMs = options.hours * HOUR;
  const sim = { tenants, slots: SLOTS, scheduler: queue, random: seededRandom(seed), untilMs, stepMs, governor };
  return { runs: simulate({ ...sim, resumeMs: 5000 }), governor };
}

/** How long the quiet tenants' jobs waited for their first slot. */
export function quietWaits(runs: readonly SimRun[]): number[] {
  return runs
    .filter(({ tenant, preemptions }) => tenant.startsWith('quiet') && preemptions === 0)
    .map(({ startedAt, arrivedAt }) => startedAt - arrivedAt);
}
