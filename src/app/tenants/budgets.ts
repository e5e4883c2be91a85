import { type NanoUsd, nanoUsd, toUsd } from '#kernel/money.ts';
import { appendEvent, listTenants } from '#adapters/sql/index.ts';
import type { Principal } from '#domain/action.ts';
import type { BudgetPeriod, Tenant } from '#domain/tenant.ts';
import { paceOf } from '#qos/index.ts';
import { wakeDeferred } from '../tasks/admit.ts';
import { AppError } from '../fault.ts';
import type { House } from '../house.ts';
import { performForEach, type Request } from '../perform.ts';
import { capBelowUsed } from './tenants.ts';

/** One scope now; dollars for showing only. */
export type BudgetDocument = {
  readonly scope: string;
  /** Null: no cap of its own. */
  readonly capUsd: number | null;
  readonly spentUsd: number;
  readonly heldUsd: number;
  /** Part of the cap that only work of high priority may use. */
  readonly keptForHiUsd: number;
  /** 1: the cap lasts exactly to the end of the period. Null: no cap or no period. */
  readonly pace: number | null;
  readonly periodEndsAt: number | null;
};

/** The scopes that have budgets: the company, each team, each tenant. */
export async function budgets(house: House): Promise<readonly BudgetDocument[]> {
  const tenants = await listTenants(house.store.truth);
  const teams = [...new Set(tenants.flatMap(({ team }) => (team === undefined ? [] : [`team:${team}`])))].sort();
  return house.store.truth.tx(async (tx) => {
    const rows: BudgetDocument[] = [];
    for (const scope of ['org', ...teams, ...tenants.map(({ id }) => `tenant:${id}`)]) {
      const balance = await house.ledger.balance(tx, scope);
      if (balance === undefined) continue;
      rows.push({
        scope,
        capUsd: balance.capNano === null ? null : toUsd(balance.capNano),
        spentUsd: toUsd(balance.spentNano),
        heldUsd: toUsd(balance.heldNano),
        keptForHiUsd: toUsd(balance.keptForHiNano),
        pace: paceOf(balance, house.clock.now(), house.ladder.burst),
        periodEndsAt: balance.periodEndsAt,
      });
    }
    return rows;
  });
}

/** Gives the company (`org`) or a team (`team:<name>`) a cap; null takes it away. A tenant's is part of its settings. */
export async function setScopeBudget(
  house: House,
  scope: string,
  cap: { readonly capNano: NanoUsd | null; readonly period: BudgetPeriod },
  by: Principal,
): Promise<void> {
  await changeScope(house, scope, by, () => cap);
}

/** Raises the cap of the company or a team, from now on and for each further period. */
export async function topUpScope(house: House, scope: string, amount: NanoUsd, by: Principal): Promise<void> {
  await changeScope(house, scope, by, (capNano, period) => {
    if (capNano === null || period === null) {
      throw new AppError('SCOPE_WITHOUT_CAP', `${scope} has no cap that could be raised`, { details: { scope } });
    }
    return { capNano: nanoUsd(capNano + amount), period };
  });
}

type Cap = { readonly capNano: NanoUsd | null; readonly period: BudgetPeriod };

async function changeScope(
  house: House,
  scope: string,
  by: Principal,
  next: (capNano: NanoUsd | null, period: BudgetPeriod | null) => Cap,
): Promise<void> {
  const tenants = await payersOf(house, scope);
  const requests = tenants.map((tenant): Request => {
    return { name: 'budget.topup', principal: by, tenant, resource: { kind: 'budget', id: scope, attributes: {} } };
  });
  await performForEach(house, requests, async (tx) => {
    const before = await house.ledger.balance(tx, scope);
    const { capNano, period } = next(before?.capNano ?? null, before?.period ?? null);
    const change = await house.ledger.setCap(tx, {
      scope,
      capNano,
      keptForHiNano: nanoUsd(Math.floor((capNano ?? 0) * house.hiReserve)),
      period: capNano === null ? null : period,
    });
    if (change.kind === 'below_used') throw capBelowUsed(capNano ?? nanoUsd(0), change.balance);
    for (const { id } of tenants) {
      await appendEvent(tx, house.clock.now(), {
        type: 'budget.set',
        tenant: id,
        by: by.id,
        data: { scope, capNano, period },
      });
    }
  });
  for (const { id } of tenants) await wakeDeferred(house, id);
}

/** The tenants whose work the scope pays for. */
async function payersOf(house: House, scope: string): Promise<readonly Tenant[]> {
  const tenants = await listTenants(house.store.truth);
  const payers = scope === 'org' ? tenants : tenants.filter(({ team }) => `team:${team}` === scope);
  if (payers.length > 0) return payers;
  throw new AppError('NO_SUCH_SCOPE', `no tenant's work is paid by the scope "${scope}"`, { details: { scope } });
}
