import { isDeepStrictEqual } from 'node:util';
import { addTenant, appendEvent, erasedOrdinal, findTenant, listTenants, updateTenant } from '#adapters/sql/index.ts';
import { digestOf } from '#kernel/digest.ts';
import { formatUsd, type NanoUsd, nanoUsd } from '#kernel/money.ts';
import type { Tx } from '#kernel/sql.ts';
import type { Principal } from '#domain/action.ts';
import type { TenantId } from '#domain/ids.ts';
import type { Tenant } from '#domain/tenant.ts';
import type { ScopeBalance } from '#qos/index.ts';
import { weight } from '#kernel/virtual-time.ts';
import { wakeDeferred } from '../tasks/admit.ts';
import { AppError } from '../fault.ts';
import { differencesOf, fieldsOf } from '../fleet-config/differences.ts';
import type { House } from '../house.ts';
import { perform } from '../perform.ts';
import { learnPools } from '../upkeep/reconcile.ts';

const TENANT_ID = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;

/** How often a change is decided anew because another one came between. */
const MOST_ASKED = 3;

export type TenantSettings = Omit<Tenant, 'ordinal'>;

/** Throws TENANT_INVALID, naming field and value. */
export function checkTenant(settings: TenantSettings): void {
  const wrong = (field: string, value: unknown, rule: string): AppError =>
    new AppError('TENANT_INVALID', `${field} ${String(value)} is not ${rule}`, { details: { field } });
  if (!TENANT_ID.test(settings.id)) {
    throw wrong('id', JSON.stringify(settings.id), 'a name of lower-case letters, digits and dashes, at most 40');
  }
  if (!(settings.weight >= 0.01 && settings.weight <= 1000)) {
    throw wrong('weight', settings.weight, 'a number from 0.01 to 1000 (only ratios matter)');
  }
  if (settings.team !== undefined && !TENANT_ID.test(settings.team)) {
    throw wrong('team', JSON.stringify(settings.team), 'a name of lower-case letters, digits and dashes, at most 40');
  }
  if (!(settings.budgetNano >= 0)) throw wrong('budget', settings.budgetNano, 'an amount of at least 0');
  if (!(settings.slo > 0 && settings.slo < 1)) throw wrong('slo', settings.slo, 'between 0 and 1, such as 0.99');
  if (!(settings.startWithinMs > 0)) throw wrong('start-within', settings.startWithinMs, 'a length of time above 0');
}

export async function getTenant(house: House, id: string): Promise<Tenant> {
  return standing(house.store.truth, id);
}

/** A tenant as it stands for this transaction. Throws NO_SUCH_TENANT. */
async function standing(tx: Tx, id: string): Promise<Tenant> {
  // The cast is true as a question: an id that no tenant has finds nothing.
  const tenant = await findTenant(tx, id as TenantId);
  if (tenant === undefined) throw new AppError('NO_SUCH_TENANT', `there is no tenant "${id}"`, { details: { id } });
  return tenant;
}

export async function allTenants(house: House): Promise<readonly Tenant[]> {
  return listTenants(house.store.truth);
}

/** Makes a tenant with its budget. The same id with the same settings is the same as once; with others it is TENANT_EXISTS. */
export async function createTenant(house: House, settings: TenantSettings, by: Principal): Promise<Tenant> {
  checkTenant(settings);
  const request = {
    name: 'tenant.create',
    principal: by,
    tenant: { ...settings, ordinal: 0 },
    resource: { kind: 'tenant', id: settings.id, attributes: {} },
  } as const;
  const tenant = await perform(house, request, async (tx) => {
    if ((await erasedOrdinal(tx, settings.id)) !== undefined)
      throw new AppError('TENANT_ERASED', `tenant "${settings.id}" was erased`);
    const added = await addTenant(tx, settings);
    if (added === undefined) throw new AppError('TENANT_EXISTS', `tenant "${settings.id}" exists already`);
    await setBudget(tx, house, added);
    await appendEvent(tx, house.clock.now(), {
      type: 'tenant.created',
      tenant: added.id,
      by: by.id,
      data: { weight: added.weight, budgetNano: added.budgetNano },
    });
    return added;
  });
  await house.queue.setWeight(tenant.id, weight(tenant.weight));
  return tenant;
}

/**
 * Changes a tenant from what stands now; the new weight acts at once, also on what already waits. What another has changed
 * while policy was asked is not undone: it is asked again on what stands then, and is TENANT_CHANGED when that goes on.
 */
export async function changeTenant(house: House, id: string, change: Change, by: Principal): Promise<Tenant> {
  for (let asked = 1; ; asked++) {
    try {
      return await changeOnce(house, await getTenant(house, id), change, by);
    } catch (error) {
      const moved = error instanceof AppError && error.code === 'TENANT_CHANGED';
      if (!moved || asked === MOST_ASKED) throw error;
    }
  }
}

/** What a tenant becomes, from what stands. */
type Change = (stands: Tenant) => TenantSettings;

async function changeOnce(house: House, before: Tenant, change: Change, by: Principal): Promise<Tenant> {
  const { id, ordinal } = before;
  const tenant: Tenant = { ...change(before), id, ordinal };
  checkTenant(tenant);
  const request = {
    name: onlyRulesDiffer(before, tenant) ? 'tenant.rules' : 'tenant.update',
    principal: by,
    tenant,
    resource: { kind: 'tenant', id, attributes: {} },
  } as const;
  await perform(house, request, async (tx) => {
    if (!isDeepStrictEqual(await standing(tx, id), before)) {
      throw new AppError('TENANT_CHANGED', `somebody else changed tenant "${id}" at the same time`, {
        details: { tenant: id },
      });
    }
    await updateTenant(tx, tenant);
    await setBudget(tx, house, tenant);
    const { weight, budgetNano } = tenant;
    const changes = differencesOf(fieldsOf(before), fieldsOf(tenant));
    const data = { weight, budgetNano, changes };
    await appendEvent(tx, house.clock.now(), { type: 'tenant.updated', tenant: id, by: by.id, data });
  });
  if (before.weight !== tenant.weight) {
    await learnPools(house);
    await house.queue.setWeight(id, weight(tenant.weight)); // a throttle in force is laid on it by the governor
  }
  return tenant;
}

/** Shares, money, promises and places are the platform's to give; the rules of its own work are the tenant's. */
function onlyRulesDiffer(before: Tenant, after: Tenant): boolean {
  const given = ({ policy: _rules, ...rest }: Tenant): string => digestOf({ ...rest, regions: [...rest.regions] });
  return given(before) === given(after);
}

/** Raises the cap of the tenant's budget as it stands, from now on and for each further period. */
export async function topUp(house: House, { id }: Pick<Tenant, 'id'>, amount: NanoUsd, by: Principal): Promise<Tenant> {
  const request = {
    name: 'budget.topup',
    principal: by,
    tenant: await getTenant(house, id),
    resource: { kind: 'budget', id: `tenant:${id}`, attributes: { amountNano: amount } },
  } as const;
  const raised = await perform(house, request, async (tx) => {
    const stands = await standing(tx, id);
    const tenant: Tenant = { ...stands, budgetNano: nanoUsd(stands.budgetNano + amount) };
    await updateTenant(tx, tenant);
    await setBudget(tx, house, tenant);
    const data = { amountNano: amount, capNano: tenant.budgetNano };
    await appendEvent(tx, house.clock.now(), { type: 'budget.topped_up', tenant: id, by: by.id, data });
    return tenant;
  });
  await wakeDeferred(house, id);
  return raised;
}

async function setBudget(tx: Tx, house: House, tenant: Tenant): Promise<void> {
  const change = await house.ledger.setCap(tx, {
    scope: `tenant:${tenant.id}`,
    capNano: tenant.budgetNano,
    keptForHiNano: nanoUsd(Math.floor(tenant.budgetNano * house.hiReserve)),
    period: tenant.budgetPeriod,
  });
  if (change.kind === 'below_used') throw capBelowUsed(tenant.budgetNano, change.balance);
  if (tenant.team === undefined) return;
  const scope = `team:${tenant.team}`;
  if ((await house.ledger.balance(tx, scope)) !== undefined) return;
  await house.ledger.setCap(tx, { scope, capNano: null, keptForHiNano: nanoUsd(0), period: null });
}

export function capBelowUsed(capNano: NanoUsd, { spentNano, heldNano }: ScopeBalance): AppError {
  return new AppError(
    'CAP_BELOW_USED',
    `a cap of ${formatUsd(capNano)} is below what is used: ${formatUsd(spentNano)} spent, ${formatUsd(heldNano)} held`,
  );
}

/** What a tenant is when nothing else is said; the values are settings. */
export function tenantDefaults(house: Pick<House, 'tenantDefaults'>, id: string): TenantSettings {
  // The cast is true: `checkTenant` reads the id before anything is made of it.
  return { ...house.tenantDefaults, id: id as TenantId };
}
