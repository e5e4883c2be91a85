import type { TenantId } from '#domain/ids.ts';
import { type Weight, weight } from '#kernel/virtual-time.ts';
import type { FairQueue } from '../fair-queue.ts';
import { atMost, fairSlots, isInShare } from '../fair-slots.ts';
import { type AtBoundary, demandOf, type Head, type Load, mayGiveWay, slotOrders } from '../preemption.ts';
import type { QueuedJob } from '../ports.ts';
import { BURN_RULES, type Burn, burnOf, type BurnRuleName, budgetLeftForPolicy, ends } from '../slo/burn.ts';
import {
  type Measure,
  type MeasureChange,
  nextMeasures,
  type PolicyView,
  standing,
  throttledSlots,
} from '../slo/measures.ts';
import { MinuteCounts } from '../slo/minutes.ts';
import type { Governor } from './simulate.ts';

export interface GovernorOptions {
  readonly queue: FairQueue;
  readonly tenants: readonly { readonly id: TenantId; readonly weight: Weight }[];
  readonly slots: number;
  readonly targetMs: number;
  readonly slo: number;
  readonly periodMs: number;
  readonly quantumMs: number;
  readonly everyMs: number;
  /** Whether jobs give way at all, and whether burning error budgets bring measures. */
  readonly preempt: boolean;
  readonly policy: boolean;
}

interface Waiting {
  readonly since: number;
  readonly preemptions: number;
  /** Null until it has been looked at. */
  inShare: boolean | null;
  counted: boolean;
}

/** Part of the target after which preemption begins; and while `early` is in force. */
const TRIGGER = 0.25;
const EARLY_TRIGGER = 0.1;
const MINUTE = 60_000;

/** The same preemption and error-budget policy as the conductor's, on a queue in virtual time. */
export class SimGovernor implements Governor {
  readonly everyMs: number;
  readonly #options: GovernorOptions;
  readonly #minutes = new Map<TenantId, MinuteCounts>();
  readonly #waiting = new Map<string, Waiting>();
  readonly #yielding = new Map<string, number>();
  readonly #gaveWay = new Map<string, number>();
  readonly #counts = { good: 0, bad: 0 };
  #fresh: QueuedJob[] = [];
  readonly #runningNow = new Map<string, number>();
  /** Most slots of each throttled tenant, as last seen. */
  readonly #limits = new Map<string, number>();
  #orders: { from: string; task: string; tenant: string }[] = [];
  #firing = new Set<string>();
  #measures: readonly Measure[] = [];
  #minute = 0;
  /** What the error-budget policy did, and what alerted, in order. */
  readonly changes: (MeasureChange & { readonly at: number })[] = [];
  /** Who gave a slot back to whom. */
  readonly given: {
    readonly at: number;
    readonly from: string;
    readonly to: string;
    readonly fromTask: string;
    readonly toTask: string;
  }[] = [];
  readonly alerts: { readonly at: number; readonly tenant: string; readonly burn: Burn }[] = [];

  constructor(options: GovernorOptions) {
    this.everyMs = options.everyMs;
    this.#options = options;
  }

  /** Starts in share so far: in time or not. */
  get counts(): { readonly good: number; readonly bad: number } {
    return this.#counts;
  }

  ready(job: QueuedJob, now: number): void {
    const preemptions = this.#gaveWay.get(job.id) ?? 0;
    // Only the first start counts for the objective.
    this.#waiting.set(job.id, { since: now, preemptions, inShare: preemptions > 0 ? false : null, counted: false });
    this.#fresh.push(job);
  }

  started(job: QueuedJob, now: number): void {
    const waited = this.#waiting.get(job.id);
    this.#waiting.delete(job.id);
    this.#orders = this.#orders.filter(({ task }) => task !== job.id);
    if (job.priority === 'lo') this.#yielding.set(job.tenant, (this.#yielding.get(job.tenant) ?? 0) + 1);
    this.#runningNow.set(job.tenant, (this.#runningNow.get(job.tenant) ?? 0) + 1);
    this.#serve(job.tenant);
    // Who started before anybody looked did not wait.
    if (waited === undefined || waited.inShare === false || waited.counted) return;
    this.#count(job.tenant, now, now - waited.since <= this.#options.targetMs ? 'good' : 'bad');
  }

  stopped(job: QueuedJob): void {
    this.#runningNow.set(job.tenant, (this.#runningNow.get(job.tenant) ?? 1) - 1);
    this.#serve(job.tenant);
    if (job.priority === 'lo') this.#yielding.set(job.tenant, (this.#yielding.get(job.tenant) ?? 1) - 1);
  }

  givesWay(job: AtBoundary, now: number): boolean {
    const at = this.#orders.findIndex(({ from }) => from === job.tenant);
    const order = this.#orders[at];
    if (order === undefined || !mayGiveWay(job, this.#options.quantumMs)) return false;
    this.#orders.splice(at, 1);
    this.#gaveWay.set(job.task, job.preemptions + 1);
    this.given.push({ at: now, from: order.from, to: order.tenant, fromTask: job.task, toTask: order.task });
    return true;
  }

  look(now: number): void {
    const { queue, tenants, slots, preempt, policy } = this.#options;
    const weights = new Map(tenants.map((tenant) => [tenant.id, tenant.weight]));
    const loads = queue.counts().map((count): Load => ({
      ...count,
      weight: weights.get(count.tenant) ?? 1,
      yielding: this.#yielding.get(count.tenant) ?? 0,
    }));
    const heads = this.#heads(loads, now);
    if (preempt) this.#orders.push(...slotOrders(loads, heads, this.#orders, { slots, trigger: this.#trigger() }));
    if (policy && Math.floor(now / MINUTE) > this.#minute) {
      this.#minute = Math.floor(now / MINUTE);
      this.#govern(loads, now);
    }
    if (policy) this.#apply(loads);
  }

  #trigger(): number {
    return this.#measures.some(({ kind }) => kind === 'early') ? EARLY_TRIGGER : TRIGGER;
  }

  /** Waiting jobs of tenants that are due more than they have; on the way, each new wait is marked as in share or not, and late ones are counted. */
  #heads(loads: readonly Load[], now: number): readonly Head[] {
    const { queue, slots, targetMs } = this.#options;
    const fair = fairSlots(loads.map(demandOf), slots);
    this.#markFresh(loads, fair);
    const heads: Head[] = [];
    for (const load of loads) {
      const isHeldBack = this.#measures.some(({ kind, tenant }) => kind !== 'freeze' && tenant === load.tenant);
      if (load.waiting === 0 || isHeldBack || !atMost(load.running + 1, fair.get(load.tenant) ?? 0)) continue;
      // The cast is true: the queue gave it.
      const tenant = load.tenant as TenantId;
      const first = queue.first(tenant);
      for (const job of isInShare(demandOf(load), fair) ? queue.waiting(tenant) : first ? [first] : []) {
        const wait = this.#waiting.get(job.id);
        if (wait === undefined) continue;
        const waitedMs = now - wait.since;
        heads.push({
          task: job.id,
          tenant: load.tenant,
          priority: job.priority,
          waitedMs,
          targetMs,
          preemptions: wait.preemptions,
        });
        if (waitedMs <= targetMs || !wait.inShare || wait.counted) continue;
        wait.counted = true;
        this.#count(job.tenant, now, 'bad');
      }
    }
    return heads;
  }

  #markFresh(loads: readonly Load[], fair: ReadonlyMap<string, number>): void {
    const inShare = new Map(loads.map((load) => [load.tenant, isInShare(demandOf(load), fair)]));
    for (const job of this.#fresh) {
      const wait = this.#waiting.get(job.id);
      if (wait) wait.inShare ??= inShare.get(job.tenant) ?? false;
    }
    this.#fresh = [];
  }

  #count(tenant: TenantId, now: number, outcome: 'good' | 'bad'): void {
    const { periodMs } = this.#options;
    const minutes = this.#minutes.get(tenant) ?? new MinuteCounts({ keepMs: periodMs });
    this.#minutes.set(tenant, minutes);
    minutes.count(now, outcome);
    this.#counts[outcome]++;
  }

  #govern(loads: readonly Load[], now: number): void {
    const view = this.#view(loads, now);
    for (const change of nextMeasures(this.#measures, view)) {
      const { before, after } = change;
      this.#measures = [...this.#measures.filter((one) => one !== before), ...(after ? [after] : [])];
      this.changes.push({ ...change, at: now });
    }
  }

  #view(loads: readonly Load[], now: number): PolicyView {
    const { slots, slo, periodMs } = this.#options;
    const worst: { [rule in BurnRuleName]: number } = { 'burn-24h': 0, 'burn-6h': 0, 'burn-1h': 0 };
    const left = new Map<string, number>();
    for (const [tenant, minutes] of this.#minutes) {
      left.set(tenant, budgetLeftForPolicy(minutes.within(now, periodMs), slo));
      for (const rule of BURN_RULES) {
        const counts = { long: minutes.within(now, rule.longMs), short: minutes.within(now, rule.shortMs) };
        const burn = burnOf(rule, counts, slo, periodMs);
        worst[rule.name] = Math.max(worst[rule.name], burn.long, burn.short);
        this.#alert(tenant, burn, now);
      }
    }
    const burning = [...this.#firing].map((key) => {
      const [rule = '', tenant = ''] = key.split(' ');
      // The cast is true: the key was made of a rule's name.
      return { tenant, rule: rule as BurnRuleName };
    });
    return { now, burning, burn: worst, ...standing(loads.map(demandOf), slots), budgetLeft: left };
  }

  #alert(tenant: string, burn: Burn, now: number): void {
    const key = `${burn.rule} ${tenant}`;
    if (this.#firing.has(key)) {
      if (ends(burn)) this.#firing.delete(key);
    } else if (burn.fires) {
      this.#firing.add(key);
      this.alerts.push({ at: now, tenant, burn });
    }
  }

  /** Weights, and how many slots a throttled tenant may have now. */
  #apply(loads: readonly Load[]): void {
    const { queue, tenants, slots } = this.#options;
    const fair = fairSlots(loads.map(demandOf), slots);
    for (const { id, weight: w } of tenants) {
      const factor = this.#measure('throttle', id)?.value ?? 1;
      if (factor < 1) this.#limits.set(id, throttledSlots(fair.get(id) ?? 0, factor));
      else this.#limits.delete(id);
      queue.setWeight(id, weight(Math.max(0.01, (w / 100) * factor)));
      this.#serve(id);
    }
  }

  /** At each start as well, or one look would let a throttled tenant take every slot that is free. */
  #serve(id: TenantId): void {
    if (!this.#options.policy) return;
    const isFull = (this.#runningNow.get(id) ?? 0) >= (this.#limits.get(id) ?? Infinity);
    this.#options.queue.setServed(id, isFull || this.#measure('pause', id) !== undefined ? 'hi' : 'all');
  }

  #measure(kind: Measure['kind'], id: TenantId): Measure | undefined {
    return this.#measures.find((measure) => measure.kind === kind && measure.tenant === id);
  }
}
