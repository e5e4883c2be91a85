import { appendEvent, findSetting, putSetting } from '#adapters/sql/index.ts';
import { digestOf } from '#kernel/digest.ts';
import type { Json } from '#kernel/json.ts';
import type { Principal } from '#domain/action.ts';
import type { TenantId } from '#domain/ids.ts';
import type { Tenant } from '#domain/tenant.ts';
import { AppError } from '../fault.ts';
import type { House } from '../house.ts';
import { perform } from '../perform.ts';
import { addRepo, allRepos } from '../tenants/repositories.ts';
import { allTenants, changeTenant, createTenant, getTenant } from '../tenants/tenants.ts';
import { fieldsOf } from './differences.ts';
import type { WantedTenant } from './file.ts';
import { type FleetPlan, type FleetStep, type LiveTenant, planFleet } from './plan.ts';

/** Under which name the fields are kept that the last `apply` gave a tenant. */
const APPLIED = 'config.applied';

/** The plan against the system as it is now. */
export async function planFor(house: House, wanted: readonly WantedTenant[]): Promise<FleetPlan> {
  const live: LiveTenant[] = [];
  for (const tenant of await allTenants(house)) live.push(await liveOf(house, tenant));
  return planFleet(wanted, live);
}

async function liveOf(house: House, tenant: Tenant): Promise<LiveTenant> {
  const text = await findSetting(house.store.truth, tenant.id, APPLIED);
  const repositories = await allRepos(house, tenant);
  if (text === undefined) return { tenant, repositories };
  // The cast is true: `remember` wrote it.
  const applied = new Map(Object.entries(JSON.parse(text) as { readonly [field: string]: Json }));
  return { tenant, repositories, applied };
}

/**
 * Carries out a plan, step by step: each is an action of its own that policy decides, so a refusal stops it there and
 * applying again goes on. Throws FLEET_CONFLICT before the first step when the plan has conflicts.
 */
export async function applyFleet(
  house: House,
  wanted: readonly WantedTenant[],
  by: Principal,
  told: (step: FleetStep) => void = () => undefined,
): Promise<FleetPlan> {
  const plan = await planFor(house, wanted);
  if (plan.conflicts.length > 0) throw new AppError('FLEET_CONFLICT', plan.conflicts.join('; '));
  for (const step of plan.steps) {
    await carryOut(house, step, by);
    told(step);
  }
  for (const { settings } of wanted) await remember(house, settings.id, by);
  return plan;
}

async function carryOut(house: House, step: FleetStep, by: Principal): Promise<void> {
  if (step.kind === 'create tenant') return void (await createTenant(house, step.wanted.settings, by));
  if (step.kind === 'change tenant') {
    return void (await changeTenant(house, step.target, () => step.wanted.settings, by));
  }
  const tenant = await getTenant(house, step.tenant);
  await addRepo(house, { tenant, ...step.repo, by });
}

/** Keeps what was applied, so that a change by hand shows as drift. */
async function remember(house: House, id: TenantId, by: Principal): Promise<void> {
  const tenant = await getTenant(house, id);
  const fields = Object.fromEntries(fieldsOf(tenant));
  const digest = digestOf(fields);
  const text = JSON.stringify(fields);
  if ((await findSetting(house.store.truth, id, APPLIED)) === text) return;
  const resource = { kind: 'configuration', id, attributes: { digest } };
  await perform(house, { name: 'config.apply', principal: by, tenant, resource }, async (tx) => {
    await putSetting(tx, id, APPLIED, text);
    await appendEvent(tx, house.clock.now(), {
      type: 'config.applied',
      tenant: id,
      by: by.id,
      data: { digest, fields },
    });
  });
}
