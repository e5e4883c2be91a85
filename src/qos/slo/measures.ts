import type { Demand } from '../fair-slots.ts';
import type { BurnRuleName } from './burn.ts';

/**
 * What the system does by itself while error budgets burn, mildest first:
 *
 *   throttle  weight and slots of an over-share tenant's lo work are halved every five minutes, and given back by a tenth (AIMD)
 *   early     everybody's preemption begins earlier
 *   pause     lo work of an over-share tenant is not started
 *   freeze    changes of priority lo wait for a person
 */
const MEASURES = ['throttle', 'early', 'pause', 'freeze'] as const;
export type MeasureKind = (typeof MEASURES)[number];

/** For all tenants. */
export const EVERYBODY = '*';

export interface Measure {
  readonly kind: MeasureKind;
  /** A tenant, or everybody. */
  readonly tenant: string;
  /** Factor of weight and slots; 1 for what is only on or off. */
  readonly value: number;
  readonly since: number;
  readonly changedAt: number;
  /** Since when its reason is gone; null while it is there. */
  readonly calmSince: number | null;
}

/** One objective that burns too fast now. */
interface Burning {
  readonly tenant: string;
  readonly rule: BurnRuleName;
}

export interface PolicyView {
  readonly now: number;
  readonly burning: readonly Burning[];
  /** The highest burn rate over either window of each rule, over all objectives. */
  readonly burn: { readonly [rule in BurnRuleName]: number };
  /** Tenants that ask for far more than is due to them. */
  readonly overShare: readonly string[];
  /** Tenants that ask for no more than is due to them: throttle and pause are lifted at once. */
  readonly inShare: readonly string[];
  /** Part of the error budget that each tenant has left, of its worst class. */
  readonly budgetLeft: ReadonlyMap<string, number>;
}

export interface MeasureChange {
  readonly before: Measure | null;
  /** Null: lifted. */
  readonly after: Measure | null;
  /** The rule that burns; null when it is eased or lifted, or when a budget is spent. */
  readonly rule: BurnRuleName | null;
}

const STEP_MS = 5 * 60_000;
const CALM_MS = 30 * 60_000;
const HALF = 0.5;
const TENTH = 0.1;
const LEAST_FACTOR = 1 / 16;
/** Part of the error budget at which a freeze for a spent budget ends. */
const RECOVERED = 0.25;

/** The rule that brings each measure. A faster rule brings those of the slower ones too. */
const BROUGHT_BY = { throttle: 'burn-24h', early: 'burn-6h', pause: 'burn-6h', freeze: 'burn-1h' } as const satisfies {
  readonly [kind in MeasureKind]: BurnRuleName;
};
const FASTER: readonly BurnRuleName[] = ['burn-24h', 'burn-6h', 'burn-1h'];

/** What changes now: the error-budget policy as a pure function of what is in force and what is seen. */
export function nextMeasures(inForce: readonly Measure[], view: PolicyView): readonly MeasureChange[] {
  const changes: MeasureChange[] = [];
  for (const kind of MEASURES) {
    const rule = ruleFor(kind, view);
    for (const tenant of subjects(kind, inForce, view)) {
      const before = inForce.find((measure) => measure.kind === kind && measure.tenant === tenant) ?? null;
      const wanted = rule !== undefined && isMeant(kind, tenant, view);
      if (before === null && !wanted && kind !== 'freeze') continue;
      const bySpending = kind === 'freeze' && tenant !== EVERYBODY;
      const after = bySpending
        ? frozen(tenant, before, view)
        : wanted
          ? tightened(kind, tenant, before, view)
          : eased(before, rule === undefined, view);
      if (!same(before, after)) changes.push({ before, after, rule: wanted ? rule : null });
    }
  }
  return changes;
}

/** Whether people are told: a change of `calmSince` alone is bookkeeping. */
export function isVisible({ before, after }: MeasureChange): boolean {
  return before?.value !== after?.value;
}

function ruleFor(kind: MeasureKind, { burning }: PolicyView): BurnRuleName | undefined {
  const rules = FASTER.slice(FASTER.indexOf(BROUGHT_BY[kind]));
  return rules.findLast((rule) => burning.some((objective) => objective.rule === rule));
}

function subjects(kind: MeasureKind, inForce: readonly Measure[], view: PolicyView): readonly string[] {
  const now = inForce.filter((measure) => measure.kind === kind).map(({ tenant }) => tenant);
  if (kind === 'early') return [...new Set([...now, EVERYBODY])];
  if (kind === 'freeze') return [...new Set([...now, EVERYBODY, ...view.budgetLeft.keys()])];
  return [...new Set([...now, ...view.overShare])];
}

function isMeant(kind: MeasureKind, tenant: string, view: PolicyView): boolean {
  if (kind === 'early' || kind === 'freeze') return tenant === EVERYBODY;
  return view.overShare.includes(tenant);
}

/** Asks for more than twice its weight's part of all slots. */
const FAR_OVER = 2;

/** Who asks for far more than its weight's part of the slots among those who ask at all, and who for no more than that. */
export function standing(demands: readonly Demand[], slots: number): Pick<PolicyView, 'overShare' | 'inShare'> {
  const asking = demands.filter(({ jobs }) => jobs > 0);
  const weights = asking.reduce((sum, { weight }) => sum + weight, 0);
  const due = ({ weight }: Demand): number => (slots * weight) / weights;
  return {
    overShare: asking.filter((one) => one.jobs > FAR_OVER * due(one)).map(({ tenant }) => tenant),
    inShare: demands.filter((one) => one.jobs === 0 || one.jobs <= due(one)).map(({ tenant }) => tenant),
  };
}

/** Most slots that a throttled tenant's work may have at once; at least one. */
export function throttledSlots(due: number, factor: number): number {
  return Math.max(1, Math.floor(due * factor));
}

function tightened(kind: MeasureKind, tenant: string, before: Measure | null, { now }: PolicyView): Measure {
  const fresh = { kind, tenant, since: before?.since ?? now, changedAt: now, calmSince: null };
  if (before === null) return { ...fresh, value: kind === 'throttle' ? HALF : 1 };
  if (kind !== 'throttle' || now - before.changedAt < STEP_MS) return { ...before, calmSince: null };
  return { ...fresh, value: Math.max(LEAST_FACTOR, before.value * HALF) };
}

function eased(before: Measure | null, isOver: boolean, view: PolicyView): Measure | null {
  if (before === null || view.inShare.includes(before.tenant)) return null;
  const { now, burn, budgetLeft } = view;
  // A throttle that was eased while a budget is spent would only spend the next one.
  const isSpent = before.kind === 'throttle' && [...budgetLeft.values()].some((left) => left <= 0);
  const isCalm = isOver && !isSpent && burn[BROUGHT_BY[before.kind]] < 1;
  if (!isCalm) return { ...before, calmSince: null };
  const calmSince = before.calmSince ?? now;
  if (before.kind === 'throttle') {
    if (now - before.changedAt < STEP_MS) return { ...before, calmSince };
    const value = before.value + TENTH;
    return value >= 1 ? null : { ...before, value, changedAt: now, calmSince };
  }
  return now - calmSince >= CALM_MS ? null : { ...before, calmSince };
}

/** A tenant whose error budget is spent is frozen until a quarter of it is there again. */
function frozen(tenant: string, before: Measure | null, { budgetLeft, now }: PolicyView): Measure | null {
  const left = budgetLeft.get(tenant) ?? 1;
  if (before !== null) return left > RECOVERED ? null : before;
  return left > 0 ? null : { kind: 'freeze', tenant, value: 1, since: now, changedAt: now, calmSince: null };
}

function same(a: Measure | null, b: Measure | null): boolean {
  return a?.value === b?.value && a?.changedAt === b?.changedAt && a?.calmSince === b?.calmSince;
}
