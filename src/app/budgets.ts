import { toUsd } from '#kernel/money.ts';
import { listTenants } from '#adapters/sql/index.ts';
import type { House } from './house.ts';

/** One scope now; dollars for showing only. */
export type BudgetDocument = {
  readonly scope: string;
  /** Null: no cap of its own. */
  readonly capUsd: number | null;
  readonly spentUsd: number;
  readonly heldUsd: number;
  readonly periodEndsAt: number | null;
};

/** The company's scope and each tenant's, in their current periods. */
export async function budgets(house: House): Promise<readonly BudgetDocument[]> {
  const tenants = await listTenants(house.store.truth);
  return house.store.truth.tx(async (tx) => {
    const rows: BudgetDocument[] = [];
    for (const scope of ['org', ...tenants.map(({ id }) => `tenant:${id}`)]) {
      const balance = await house.ledger.balance(tx, scope);
      if (balance === undefined) continue;
      rows.push({
        scope,
        capUsd: balance.capNano === null ? null : toUsd(balance.capNano),
        spentUsd: toUsd(balance.spentNano),
        heldUsd: toUsd(balance.heldNano),
        periodEndsAt: balance.periodEndsAt,
      });
    }
    return rows;
  });
}
