import { startsWithin } from '#adapters/sql/index.ts';
import type { Tenant } from '#domain/tenant.ts';
import type { Tx } from '#kernel/sql.ts';
import { BURN_RULES, type Burn, budgetLeft, budgetLeftForPolicy, burnOf } from '#qos/index.ts';
import type { House } from '../house.ts';

const CLASSES = ['hi', 'lo'] as const;
export interface ObjectiveBurns {
  readonly tenant: Tenant;
  readonly class: (typeof CLASSES)[number];
  readonly burns: readonly Burn[];
  /** Part of the error budget that is left in the period. */
  readonly left: number;
  /** The same with the guard against small samples. */
  readonly leftForPolicy: number;
}

/** How fast the error budget of each class of each tenant burns. */
export async function objectiveBurns(
  tx: Tx,
  house: House,
  tenants: readonly Tenant[],
): Promise<readonly ObjectiveBurns[]> {
  const now = house.clock.now();
  const { periodMs } = house.slo;
  const found: ObjectiveBurns[] = [];
  for (const tenant of tenants) {
    for (const priority of CLASSES) {
      const objective = { tenant: tenant.id, class: priority };
      const burns: Burn[] = [];
      for (const rule of BURN_RULES) {
        const long = await startsWithin(tx, objective, now, rule.longMs);
        const short = await startsWithin(tx, objective, now, rule.shortMs);
        burns.push(burnOf(rule, { long, short }, tenant.slo, periodMs));
      }
      const counts = await startsWithin(tx, objective, now, periodMs);
      const left = budgetLeft(counts, tenant.slo);
      found.push({ tenant, class: priority, burns, left, leftForPolicy: budgetLeftForPolicy(counts, tenant.slo) });
    }
  }
  return found;
}
