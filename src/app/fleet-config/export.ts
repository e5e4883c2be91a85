import { stringify } from 'yaml';
import type { Json } from '#kernel/json.ts';
import { toUsd } from '#kernel/money.ts';
import type { Tenant } from '#domain/tenant.ts';
import type { House } from '../house.ts';
import { allRepos } from '../tenants/repositories.ts';
import { allTenants } from '../tenants/tenants.ts';

/** The tenants and repositories as they are now, as the file that `config plan` finds no difference to. */
export async function exportFleet(house: House): Promise<{
  readonly document: { readonly tenants: { readonly [id: string]: Json } };
  readonly yaml: string;
}> {
  const tenants: { [id: string]: Json } = {};
  for (const tenant of await allTenants(house)) tenants[tenant.id] = await entryOf(house, tenant);
  const document = { tenants };
  return { document, yaml: stringify(document) };
}

async function entryOf(house: House, tenant: Tenant): Promise<Json> {
  const repositories: { [name: string]: Json } = {};
  for (const { name, origin, defaultBranch: branch, testCommand } of await allRepos(house, tenant)) {
    repositories[name] = { origin, branch, ...(testCommand === undefined ? {} : { testCommand }) };
  }
  // The cast is true: the members of a policy are texts and lists of texts.
  const policy = { ...tenant.policy } as { readonly [field: string]: Json };
  return {
    weight: tenant.weight,
    budgetUsd: toUsd(tenant.budgetNano),
    period: tenant.budgetPeriod,
    slo: tenant.slo,
    startWithin: `${tenant.startWithinMs}ms`,
    regions: tenant.regions,
    dataClass: tenant.dataClass,
    policy,
    repositories,
  };
}
