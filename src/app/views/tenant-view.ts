import { type NanoUsd, toUsd } from '#kernel/money.ts';
import type { Json } from '#kernel/json.ts';
import type { BudgetPeriod, DataClass, Tenant } from '#domain/tenant.ts';
import type { House } from '../house.ts';

/** A tenant for programs, with its budget now; dollars for showing only. */
export type TenantDocument = {
  readonly id: string;
  readonly weight: number;
  readonly team: string | null;
  readonly budget: {
    readonly capUsd: number;
    readonly spentUsd: number;
    readonly heldUsd: number;
    readonly period: BudgetPeriod;
    readonly periodEndsAt: number | null;
  };
  readonly slo: { readonly target: number; readonly startWithinMs: number };
  readonly region: readonly string[];
  readonly dataClass: DataClass;
  readonly policy: { readonly [rule: string]: Json };
};

export async function tenantDocument(house: House, tenant: Tenant): Promise<TenantDocument> {
  const balance = await house.store.truth.tx((tx) => house.ledger.balance(tx, `tenant:${tenant.id}`));
  const dollars = (nano: NanoUsd | undefined): number => (nano === undefined ? 0 : toUsd(nano));
  return {
    id: tenant.id,
    weight: tenant.weight,
    team: tenant.team ?? null,
    budget: {
      capUsd: toUsd(tenant.budgetNano),
      spentUsd: dollars(balance?.spentNano),
      heldUsd: dollars(balance?.heldNano),
      period: tenant.budgetPeriod,
      periodEndsAt: balance?.periodEndsAt ?? null,
    },
    slo: { target: tenant.slo, startWithinMs: tenant.startWithinMs },
    region: [...tenant.regions],
    dataClass: tenant.dataClass,
    policy: { ...tenant.policy },
  };
}
