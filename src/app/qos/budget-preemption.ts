import { addPreemptionOrder, openPreemptionOrders, runningLo, takePreemptionOrder } from '#adapters/sql/index.ts';
import type { TaskId } from '#domain/ids.ts';
import type { Tenant } from '#domain/tenant.ts';
import { nanoUsd, toUsd } from '#kernel/money.ts';
import { isLow, type ScopeBalance } from '#qos/index.ts';
import { scopesOf } from '../tasks/admit.ts';
import type { House } from '../house.ts';
import type { Fleet } from './fleet.ts';

/** Asks running lo work of a scope that is nearly spent to give way; takes the order back when there is money again. */
export async function orderBudgetPreemptions(house: House, { tenants, loads }: Fleet): Promise<void> {
  const { truth } = house.store;
  const wanted = new Set<string>();
  for (const tenant of tenants) {
    const load = loads.find((other) => other.tenant === tenant.id);
    if (load === undefined || load.running === 0) continue;
    const low = await lowScope(house, tenant);
    if (low === undefined) continue;
    for (const task of await runningLo(truth, tenant.id)) {
      const id = `budget:${task}`;
      wanted.add(id);
      const body = numbersOf(low, house);
      await addPreemptionOrder(truth, { id, tenant: tenant.id, task, rule: 'budget', body, madeAt: house.clock.now() });
    }
  }
  for (const order of await openPreemptionOrders(truth)) {
    if (order.rule === 'budget' && !wanted.has(order.id)) await takePreemptionOrder(truth, order.id);
  }
}

async function lowScope(house: House, tenant: Tenant): Promise<ScopeBalance | undefined> {
  return house.store.truth.tx(async (tx) => {
    const [...scopes] = scopesOf({ id: '' as TaskId, tenant: tenant.id }, tenant); // true: its own scope is left out below
    for (const scope of scopes.slice(0, -1)) {
      const balance = await house.ledger.balance(tx, scope);
      if (balance !== undefined && isLow(balance, house.ladder.lowNano)) return balance;
    }
    return undefined;
  });
}

function numbersOf(
  balance: ScopeBalance,
  house: House,
): { scope: string; leftUsd: number; capUsd: number; belowUsd: number } {
  const cap = balance.capNano ?? nanoUsd(0);
  return {
    scope: balance.scope,
    leftUsd: toUsd(nanoUsd(cap - balance.spentNano)),
    capUsd: toUsd(cap),
    belowUsd: Math.min(toUsd(house.ladder.lowNano), toUsd(cap) / 10),
  };
}
