import { startOf, startOfNext } from '#kernel/calendar.ts';
import { type Clock, type Millis, millis } from '#kernel/clock.ts';
import { type NanoUsd, nanoUsd } from '#kernel/money.ts';
import type { Tx } from '#kernel/sql.ts';
import type { BudgetPeriod } from '#domain/tenant.ts';
import {
  type CapChange,
  type Ledger,
  type OpenHold,
  QosError,
  type Reservation,
  type ScopeBalance,
  type ScopeCap,
  type ScopeId,
  type Settlement,
} from '#qos/ports.ts';

const WIDEST_FIRST = ['org', 'team', 'tenant', 'task'];

type ScopeRow = {
  readonly scope: string;
  readonly starts_at: number;
  readonly ends_at: number | null;
  readonly period: string | null;
  readonly cap_nano: number | null;
  readonly kept_for_hi_nano: number;
  readonly spent_nano: number;
  readonly held_nano: number;
  readonly breached_nano: number;
};

type EntryRow = { readonly bound_nano: number; readonly actual_nano: number | null };
type PeriodKey = { readonly scope: string; readonly starts_at: number };

/** The reservation ledger in SQL; every call runs in the caller's transaction. A new period opens when the first call after its begin needs it. */
export class SqlLedger implements Ledger {
  readonly #clock: Clock;

  constructor(options: { readonly clock: Clock }) {
    this.#clock = options.clock;
  }

  async setCap(tx: Tx, cap: ScopeCap): Promise<CapChange> {
    amount(cap.capNano ?? nanoUsd(0), 'cap');
    amount(cap.keptForHiNano, 'part kept for hi');
    const now = this.#clock.now();
    const current = await this.#current(tx, cap.scope);
    // Not before the period began, should the clock have gone back.
    const endsAt = cap.period && startOfNext(cap.period, millis(Math.max(now, current?.starts_at ?? 0)));
    if (!current) {
      await openPeriod(tx, { ...cap, startsAt: cap.period ? startOf(cap.period, now) : millis(0), endsAt });
    } else {
      const used = current.spent_nano + current.held_nano - current.breached_nano;
      if (cap.capNano !== null && cap.capNano < used) return { kind: 'below_used', balance: balanceOf(current) };
      await tx.run(
        `update ledger_scope set cap_nano = $3, kept_for_hi_nano = $4, period = $5, ends_at = $6
         where scope = $1 and starts_at = $2`,
        cap.scope,
        current.starts_at,
        cap.capNano,
        cap.keptForHiNano,
        cap.period,
        endsAt,
      );
    }
    return { kind: 'set', balance: balanceOf(await this.#known(tx, cap.scope)) };
  }

  async reserve(tx: Tx, hold: Parameters<Ledger['reserve']>[1]): Promise<Reservation> {
    amount(hold.boundNano, 'bound');
    const scopes = inOrder(hold.scopes);
    const before = await found(tx, hold.key, hold.boundNano, scopes);
    if (before) return before;
    const held: ScopeRow[] = [];
    for (const scope of scopes) {
      const current = await this.#known(tx, scope);
      const kept = hold.priority === 'hi' ? 0 : current.kept_for_hi_nano;
      if (!(await holdOn(tx, current, hold.boundNano, kept))) {
        for (const earlier of held) await release(tx, earlier, hold.boundNano);
        return { kind: 'over_cap', balance: balanceOf(current), boundNano: hold.boundNano };
      }
      held.push(current);
    }
    await tx.run(
      'insert into ledger_entry (key, bound_nano, held_at) values ($1, $2, $3)',
      hold.key,
      hold.boundNano,
      this.#clock.now(),
    );
    for (const { scope, starts_at } of held) {
      await tx.run(
        'insert into ledger_entry_scope (key, scope, starts_at) values ($1, $2, $3)',
        hold.key,
        scope,
        starts_at,
      );
    }
    return { kind: 'held' };
  }

  async settle(tx: Tx, key: string, actualNano: NanoUsd): Promise<Settlement> {
    amount(actualNano, 'actual');
    const [entry] = await tx.all<EntryRow>('select bound_nano, actual_nano from ledger_entry where key = $1', key);
    if (!entry) throw new QosError('HOLD_UNKNOWN', `nothing was reserved under the key ${key}`, { key });
    const bound = entry.bound_nano;
    if (entry.actual_nano !== null) {
      return { settled: false, actualNano: nanoUsd(entry.actual_nano), breach: entry.actual_nano > bound };
    }
    await tx.run(
      'update ledger_entry set actual_nano = $2, settled_at = $3 where key = $1',
      key,
      actualNano,
      this.#clock.now(),
    );
    await tx.run(
      `update ledger_scope set held_nano = held_nano - $2, spent_nano = spent_nano + $3, breached_nano = breached_nano + $4
       where exists (select 1 from ledger_entry_scope e
         where e.key = $1 and e.scope = ledger_scope.scope and e.starts_at = ledger_scope.starts_at)`,
      key,
      bound,
      actualNano,
      Math.max(0, actualNano - bound),
    );
    return { settled: true, actualNano, breach: actualNano > bound };
  }

  async correct(tx: Tx, key: string, actualNano: NanoUsd): Promise<void> {
    amount(actualNano, 'corrected amount');
    const [entry] = await tx.all<EntryRow>('select bound_nano, actual_nano from ledger_entry where key = $1', key);
    if (entry === undefined || entry.actual_nano === null) {
      throw new QosError('HOLD_UNKNOWN', `nothing was settled under the key ${key}`, { key });
    }
    const less = entry.actual_nano - actualNano;
    if (less <= 0) return;
    const breached = Math.max(0, entry.actual_nano - entry.bound_nano) - Math.max(0, actualNano - entry.bound_nano);
    await tx.run('update ledger_entry set actual_nano = $2 where key = $1', key, actualNano);
    await tx.run(
      `update ledger_scope set spent_nano = spent_nano - $2, breached_nano = breached_nano - $3
       where exists (select 1 from ledger_entry_scope e
         where e.key = $1 and e.scope = ledger_scope.scope and e.starts_at = ledger_scope.starts_at)`,
      key,
      less,
      breached,
    );
  }

  async balance(tx: Tx, scope: ScopeId): Promise<ScopeBalance | undefined> {
    const current = await this.#current(tx, scope);
    return current && balanceOf(current);
  }

  async openHolds(tx: Tx): Promise<readonly OpenHold[]> {
    const rows = await tx.all<{ key: string; bound_nano: number; held_at: number }>(
      'select key, bound_nano, held_at from ledger_entry where actual_nano is null order by held_at, key',
    );
    return rows.map((row) => ({ key: row.key, boundNano: nanoUsd(row.bound_nano), heldAt: millis(row.held_at) }));
  }

  /** The latest period; the next one is opened when it has ended. A clock that goes back opens nothing. */
  async #current(tx: Tx, scope: ScopeId): Promise<ScopeRow | undefined> {
    const latest = 'select * from ledger_scope where scope = $1 order by starts_at desc limit 1';
    const [row] = await tx.all<ScopeRow>(latest, scope);
    const now = this.#clock.now();
    if (!row || row.ends_at === null || now < row.ends_at) return row;
    const { capNano, keptForHiNano, period } = balanceOf(row);
    if (period === null) return row;
    const [startsAt, endsAt] = [startOf(period, now), startOfNext(period, now)];
    await openPeriod(tx, { scope, capNano, keptForHiNano, period, startsAt, endsAt });
    const [opened] = await tx.all<ScopeRow>(latest, scope);
    return opened;
  }

  async #known(tx: Tx, scope: ScopeId): Promise<ScopeRow> {
    const current = await this.#current(tx, scope);
    if (!current) throw new QosError('SCOPE_UNKNOWN', `the ledger knows no scope ${scope}`, { scope });
    return current;
  }
}

/** Widest first, so that two reservations never wait for each other. */
function inOrder(scopes: readonly ScopeId[]): ScopeId[] {
  const rank = (scope: ScopeId): number => WIDEST_FIRST.indexOf(scope.split(':', 1)[0] ?? '');
  return [...new Set(scopes)].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

/** What an earlier call with this key came to. */
async function found(
  tx: Tx,
  key: string,
  boundNano: NanoUsd,
  scopes: readonly ScopeId[],
): Promise<Reservation | undefined> {
  const [entry] = await tx.all<EntryRow>('select bound_nano, actual_nano from ledger_entry where key = $1', key);
  if (!entry) return undefined;
  const rows = await tx.all<{ scope: string }>('select scope from ledger_entry_scope where key = $1', key);
  const same = inOrder(rows.map(({ scope }) => scope)).join() === scopes.join();
  if (entry.bound_nano !== boundNano || !same) {
    throw new QosError('KEY_REUSED', `the key ${key} already stands for another reservation`, {
      key,
      boundNano: entry.bound_nano,
    });
  }
  return entry.actual_nano === null ? { kind: 'held' } : { kind: 'settled', actualNano: nanoUsd(entry.actual_nano) };
}

async function holdOn(tx: Tx, { scope, starts_at }: PeriodKey, bound: NanoUsd, kept: number): Promise<boolean> {
  const held = await tx.run(
    `update ledger_scope set held_nano = held_nano + $3 where scope = $1 and starts_at = $2
     and (cap_nano is null or spent_nano + held_nano + $3 <= cap_nano - $4)`,
    scope,
    starts_at,
    bound,
    kept,
  );
  return held === 1;
}

async function release(tx: Tx, { scope, starts_at }: PeriodKey, bound: NanoUsd): Promise<void> {
  await tx.run(
    'update ledger_scope set held_nano = held_nano - $3 where scope = $1 and starts_at = $2',
    scope,
    starts_at,
    bound,
  );
}

async function openPeriod(
  tx: Tx,
  cap: ScopeCap & { readonly startsAt: Millis; readonly endsAt: Millis | null },
): Promise<void> {
  await tx.run(
    `insert into ledger_scope
       (scope, starts_at, ends_at, period, cap_nano, kept_for_hi_nano, spent_nano, held_nano, breached_nano)
     values ($1, $2, $3, $4, $5, $6, 0, 0, 0)`,
    cap.scope,
    cap.startsAt,
    cap.endsAt,
    cap.period,
    cap.capNano,
    cap.keptForHiNano,
  );
}

function balanceOf(row: ScopeRow): ScopeBalance {
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

function amount(nano: NanoUsd, what: string): void {
  if (nano < 0) throw new QosError('AMOUNT_INVALID', `the ${what} is below zero: ${nano} nano-dollars`, { nano });
}
