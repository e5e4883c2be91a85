import { startOf, startOfNext } from '#kernel/calendar.ts';
import { type Clock, millis } from '#kernel/clock.ts';
import { type NanoUsd, nanoUsd } from '#kernel/money.ts';
import type { Tx } from '#kernel/sql.ts';
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
import {
  addPeriod,
  balanceOf,
  changeCap,
  latestPeriod,
  periodAt,
  type PeriodKey,
  type PeriodRow,
  takeOver,
  unused,
  usedSince,
} from './ledger-period.ts';

const WIDEST_FIRST = ['org', 'team', 'tenant', 'task'];

type EntryRow = { readonly bound_nano: number; readonly actual_nano: number | null };

/** The reservation ledger in SQL; every call runs in the caller's transaction. A new period opens when the first call that writes after its begin needs it. */
export class SqlLedger implements Ledger {
  readonly #clock: Clock;

  constructor(options: { readonly clock: Clock }) {
    this.#clock = options.clock;
  }

  /**
   * A cap with a period on a scope that had none, such as the company's first: what was spent before the period began is
   * not of it. What was settled since, and what is still held, counts against the cap and is settled in the new period:
   * the money is still going out, and no cap is ever passed.
   */
  async setCap(tx: Tx, cap: ScopeCap): Promise<CapChange> {
    amount(cap.capNano ?? nanoUsd(0), 'cap');
    amount(cap.keptForHiNano, 'part kept for hi');
    const { scope, period } = cap;
    const now = this.#clock.now();
    const current = await this.#opened(tx, scope);
    const begins = period === null ? 0 : startOf(period, now);
    const isFirst = current?.period === null && begins > current.starts_at;
    const counted = isFirst
      ? { ...current, starts_at: begins, ...(await usedSince(tx, current, begins)) }
      : (current ?? unused(scope, begins));
    const used = counted.spent_nano + counted.held_nano - counted.breached_nano;
    if (cap.capNano !== null && cap.capNano < used) return { kind: 'below_used', balance: balanceOf(counted) };
    const next: PeriodRow = {
      ...{ ...counted, period, cap_nano: cap.capNano, kept_for_hi_nano: cap.keptForHiNano },
      // Not before the period began, should the clock have gone back.
      ends_at: period && startOfNext(period, millis(Math.max(now, counted.starts_at))),
    };
    if (!current) await addPeriod(tx, next);
    else if (isFirst) await takeOver(tx, current, next);
    else await changeCap(tx, next);
    return { kind: 'set', balance: balanceOf(next) };
  }

  async reserve(tx: Tx, hold: Parameters<Ledger['reserve']>[1]): Promise<Reservation> {
    amount(hold.boundNano, 'bound');
    const scopes = inOrder(hold.scopes);
    const before = await found(tx, hold.key, hold.boundNano, scopes);
    if (before) return before;
    const held: PeriodRow[] = [];
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
    const latest = await latestPeriod(tx, scope);
    return latest && balanceOf(periodAt(latest, this.#clock.now()));
  }

  async openHolds(tx: Tx): Promise<readonly OpenHold[]> {
    const rows = await tx.all<{ key: string; bound_nano: number; held_at: number }>(
      'select key, bound_nano, held_at from ledger_entry where actual_nano is null order by held_at, key',
    );
    return rows.map((row) => ({ key: row.key, boundNano: nanoUsd(row.bound_nano), heldAt: millis(row.held_at) }));
  }

  /** The latest period; the next one is opened when it has ended. A clock that goes back opens nothing. */
  async #opened(tx: Tx, scope: ScopeId): Promise<PeriodRow | undefined> {
    const latest = await latestPeriod(tx, scope);
    const current = latest && periodAt(latest, this.#clock.now());
    if (current && current !== latest) await addPeriod(tx, current);
    return current;
  }

  async #known(tx: Tx, scope: ScopeId): Promise<PeriodRow> {
    const current = await this.#opened(tx, scope);
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

function amount(nano: NanoUsd, what: string): void {
  if (nano < 0) throw new QosError('AMOUNT_INVALID', `the ${what} is below zero: ${nano} nano-dollars`, { nano });
}
