import { startOf, startOfNext } from '#kernel/calendar.ts';
import { type Millis, millis } from '#kernel/clock.ts';
import { nanoUsd } from '#kernel/money.ts';
import type { Tx } from '#kernel/sql.ts';
import type { BudgetPeriod } from '#domain/tenant.ts';
import type { ScopeBalance, ScopeId } from '#qos/ports.ts';

/** One period of a scope; amounts in nano-dollars. */
export type PeriodRow = {
  readonly scope: string;
  readonly starts_at: number;
  /** Null: it has no end. */
  readonly ends_at: number | null;
  readonly period: string | null;
  readonly cap_nano: number | null;
  readonly kept_for_hi_nano: number;
  readonly spent_nano: number;
  readonly held_nano: number;
  readonly breached_nano: number;
};

export type PeriodKey = Pick<PeriodRow, 'scope' | 'starts_at'>;

type Used = Pick<PeriodRow, 'spent_nano' | 'held_nano' | 'breached_nano'>;

const NOTHING_USED: Used = Object.freeze({ spent_nano: 0, held_nano: 0, breached_nano: 0 });

/** A period without cap or end that is on no record yet. */
export function unused(scope: ScopeId, startsAt: number): PeriodRow {
  return {
    scope,
    starts_at: startsAt,
    ends_at: null,
    period: null,
    cap_nano: null,
    kept_for_hi_nano: 0,
    ...NOTHING_USED,
  };
}

export async function latestPeriod(tx: Tx, scope: ScopeId): Promise<PeriodRow | undefined> {
  const [row] = await tx.all<PeriodRow>(
    'select * from ledger_scope where scope = $1 order by starts_at desc limit 1',
    scope,
  );
  return row;
}

/** The same row while it has not ended, else the period that `now` lies in, with the same cap and nothing used. */
export function periodAt(row: PeriodRow, now: Millis): PeriodRow {
  const { period } = balanceOf(row);
  if (row.ends_at === null || now < row.ends_at || period === null) return row;
  return { ...row, ...NOTHING_USED, starts_at: startOf(period, now), ends_at: startOfNext(period, now) };
}

export async function addPeriod(tx: Tx, row: PeriodRow): Promise<void> {
  await tx.run(
    `insert into ledger_scope
       (scope, starts_at, ends_at, period, cap_nano, kept_for_hi_nano, spent_nano, held_nano, breached_nano)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    row.scope,
    row.starts_at,
    row.ends_at,
    row.period,
    row.cap_nano,
    row.kept_for_hi_nano,
    row.spent_nano,
    row.held_nano,
    row.breached_nano,
  );
}

/** Gives a period that is on record another cap and end. */
export async function changeCap(tx: Tx, row: PeriodRow): Promise<void> {
  await tx.run(
    `update ledger_scope set cap_nano = $3, kept_for_hi_nano = $4, period = $5, ends_at = $6
     where scope = $1 and starts_at = $2`,
    row.scope,
    row.starts_at,
    row.cap_nano,
    row.kept_for_hi_nano,
    row.period,
    row.ends_at,
  );
}

/** An entry that a period which begins at $3 takes over: still held, or settled since. */
const TAKEN_OVER = '(entry.actual_nano is null or entry.settled_at >= $3)';

/** What a period that begins at `startsAt` would take over from one without an end. */
export async function usedSince(tx: Tx, { scope, starts_at }: PeriodKey, startsAt: number): Promise<Used> {
  const [used] = await tx.all<Used>(
    `select cast(coalesce(sum(entry.actual_nano), 0) as bigint) as spent_nano,
       cast(coalesce(sum(case when entry.actual_nano is null then entry.bound_nano end), 0) as bigint) as held_nano,
       cast(coalesce(sum(case when entry.actual_nano > entry.bound_nano then entry.actual_nano - entry.bound_nano end), 0)
         as bigint) as breached_nano
     from ledger_entry_scope part join ledger_entry entry on entry.key = part.key
     where part.scope = $1 and part.starts_at = $2 and ${TAKEN_OVER}`,
    scope,
    starts_at,
    startsAt,
  );
  return used ?? NOTHING_USED;
}

/** Ends a period that had no end where the next one begins, which takes entries over as `usedSince` counts them. */
export async function takeOver(tx: Tx, { scope, starts_at }: PeriodKey, next: PeriodRow): Promise<void> {
  await tx.run(
    `update ledger_scope set ends_at = $3, spent_nano = spent_nano - $4, held_nano = held_nano - $5,
       breached_nano = breached_nano - $6
     where scope = $1 and starts_at = $2`,
    scope,
    starts_at,
    next.starts_at,
    next.spent_nano,
    next.held_nano,
    next.breached_nano,
  );
  await addPeriod(tx, next);
  await tx.run(
    `update ledger_entry_scope set starts_at = $3 where scope = $1 and starts_at = $2
     and exists (select 1 from ledger_entry entry where entry.key = ledger_entry_scope.key and ${TAKEN_OVER})`,
    scope,
    starts_at,
    next.starts_at,
  );
}

export function balanceOf(row: PeriodRow): ScopeBalance {
  return {
    scope: row.scope,
    capNano: row.cap_nano === null ? null : nanoUsd(row.cap_nano),
    keptForHiNano: nanoUsd(row.kept_for_hi_nano),
    // The cast is true: the column admits no other text.
    period: row.period as BudgetPeriod | null,
    spentNano: nanoUsd(row.spent_nano),
    heldNano: nanoUsd(row.held_nano),
    breachedNano: nanoUsd(row.breached_nano),
    periodEndsAt: row.ends_at === null ? null : millis(row.ends_at),
  };
}
