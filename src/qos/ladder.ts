import { startOf } from '#kernel/calendar.ts';
import { type Millis, millis } from '#kernel/clock.ts';
import { type NanoUsd, nanoUsd } from '#kernel/money.ts';
import type { Priority } from '#domain/task.ts';
import { type Rung, RUNGS, type ScopeBalance } from './ports.ts';

/** One way of doing the work, with the most that it may cost. */
export interface PlanPrice {
  readonly id: string;
  readonly boundNano: NanoUsd;
}

export interface LadderInput {
  /** Every scope that pays, in its current period. */
  readonly scopes: readonly ScopeBalance[];
  /** What was requested first, then ever cheaper. At least one. */
  readonly plans: readonly [PlanPrice, ...PlanPrice[]];
  readonly priority: Priority;
  readonly now: Millis;
  /** The rung on which these scopes stood last; it takes 5 % more than that to climb back. */
  readonly before: Rung;
  /** Part of a budget that may be used at any time of its period before pace counts, in (0, 1]. */
  readonly burst: number;
  /** With less than this not yet spent, lo waits; at most a tenth of the cap. */
  readonly lowNano: NanoUsd;
}

/** `rung` is where the scopes stand, `plan` what may be started now; null: nothing. */
export interface LadderAnswer {
  readonly rung: Rung;
  readonly plan: PlanPrice | null;
  /** `room`: what is left. `pace`: how fast it went. `low`: what is kept from lo at the end. Null on the first rung. */
  readonly rule: 'room' | 'pace' | 'low' | null;
  /** The scope that decided, and its numbers. */
  readonly scope: ScopeBalance | undefined;
  readonly roomNano: NanoUsd | null;
  readonly pace: number | null;
}

const HYSTERESIS = 0.05;
/** Pace above which the second, third and fourth rung begins; 1 ends the period exactly at the cap. */
const PACES = [1, 1.25, 1.5] as const;
/** Part of the cap below which the second and third rung begins. */
const ROOMS = [0.2, 0.1] as const;

/**
 * How fast a budget goes: part used over part of the period gone, which counts as `burst` at least, so that a week does
 * not refuse its Monday. Null without cap or period.
 */
export function paceOf(balance: ScopeBalance, now: Millis, burst: number): number | null {
  const { capNano, period, periodEndsAt } = balance;
  if (capNano === null || capNano === 0 || period === null || periodEndsAt === null) return null;
  const from = startOf(period, millis(periodEndsAt - 1));
  const gone = Math.min(1, Math.max(burst, (now - from) / (periodEndsAt - from)));
  return (balance.spentNano + balance.heldNano) / capNano / gone;
}

/** What one class may still reserve on the scope, at least 0; null: no cap. */
export function roomOf(balance: ScopeBalance, priority: Priority): NanoUsd | null {
  const { capNano, spentNano, heldNano, keptForHiNano } = balance;
  if (capNano === null) return null;
  return nanoUsd(Math.max(0, capNano - spentNano - heldNano - (priority === 'hi' ? 0 : keptForHiNano)));
}

/** True when so little of the cap is not yet spent that running lo gives way and waiting lo stays where it is. */
export function isLow({ capNano, spentNano }: ScopeBalance, lowNano: NanoUsd): boolean {
  return capNano !== null && capNano > 0 && capNano - spentNano < Math.min(lowNano, capNano / 10);
}

/** The downshift ladder: a pure answer for one piece of work, from the scope that is worst off. */
export function ladder(input: LadderInput): LadderAnswer {
  const { plans, priority, lowNano } = input;
  const standing = worst(input);
  const low = priority === 'lo' ? input.scopes.find((scope) => isLow(scope, lowNano)) : undefined;
  if (low !== undefined) return { ...factsOf(low, input), rung: 'defer', plan: null, rule: 'low' };
  if (standing.level === 3 && priority === 'lo') return { ...standing.answer, rung: 'defer', plan: null };

  const first = Math.min(standing.level, 2) === 2 ? plans.length - 1 : Math.min(standing.level, plans.length - 1);
  const tight = tightest(input);
  const at = plans.findIndex(({ boundNano }, i) => i >= first && fits(boundNano, tight, priority));
  const plan = plans[at];
  if (plan === undefined) {
    return {
      ...factsOf(tight, input),
      rung: priority === 'lo' ? 'defer' : 'refuse',
      plan: null,
      rule: 'room',
    };
  }
  if (at === first) {
    const rung = RUNGS[standing.level === 3 ? 2 : standing.level] ?? 'cheapest';
    return { ...standing.answer, rung, plan };
  }
  // What the level would allow does not fit in the room, so the first that does is taken.
  return { ...factsOf(tight, input), rung: at === plans.length - 1 ? 'cheapest' : 'cheaper', plan, rule: 'room' };
}

interface Standing {
  readonly level: number;
  readonly answer: Omit<LadderAnswer, 'rung' | 'plan'>;
}

/** The scope that stands on the lowest rung. */
function worst(input: LadderInput): Standing {
  let found: Standing = { level: 0, answer: { rule: null, scope: undefined, roomNano: null, pace: null } };
  for (const scope of input.scopes) {
    const { pace, roomNano } = factsOf(scope, input);
    const left = roomOf(scope, 'hi');
    const byPace = settledLevel(pace, PACES, 1, input.before);
    const part = left === null || scope.capNano === null || scope.capNano === 0 ? null : left / scope.capNano;
    const byRoom = settledLevel(part, ROOMS, -1, input.before);
    const level = Math.max(byPace, byRoom);
    if (level <= found.level) continue;
    found = { level, answer: { rule: byPace >= byRoom ? 'pace' : 'room', scope, roomNano, pace } };
  }
  return found;
}

/** How many thresholds are passed (`sign` 1: above, -1: below); to come back from `before`, 5 % better than each is needed. */
function settledLevel(value: number | null, thresholds: readonly number[], sign: 1 | -1, before: Rung): number {
  if (value === null) return 0;
  const passed = (scale: number): number => thresholds.filter((at) => sign * (value - at * scale) > 0).length;
  const now = passed(1);
  const was = Math.min(RUNGS.indexOf(before), thresholds.length);
  return now >= was ? now : Math.min(was, passed(1 - sign * HYSTERESIS));
}

/** The scope with the least room for this class. */
function tightest({ scopes, priority }: LadderInput): ScopeBalance | undefined {
  const room = (scope: ScopeBalance): number => roomOf(scope, priority) ?? Infinity;
  return scopes.toSorted((a, b) => room(a) - room(b))[0];
}

function fits(boundNano: NanoUsd, scope: ScopeBalance | undefined, priority: Priority): boolean {
  const room = scope && roomOf(scope, priority);
  return room === undefined || room === null || boundNano <= room;
}

function factsOf(
  scope: ScopeBalance | undefined,
  { now, burst, priority }: LadderInput,
): Pick<LadderAnswer, 'scope' | 'roomNano' | 'pace'> {
  return {
    scope,
    roomNano: scope ? roomOf(scope, priority) : null,
    pace: scope ? paceOf(scope, now, burst) : null,
  };
}
