import { usd } from '#kernel/money.ts';
import { millis } from '#kernel/clock.ts';
import { budgets } from '#app/tenants/budgets.ts';
import { eventsAfter, decisionIn, decisionsPage, followEvents } from '#app/views/lists.ts';
import { decisionDocument } from '#app/governance/policy-desk.ts';
import { addRepo, allRepos, repoDocument } from '#app/tenants/repositories.ts';
import {
  allTenants,
  changeTenant,
  createTenant,
  tenantDefaults,
  type TenantSettings,
  topUp,
} from '#app/tenants/tenants.ts';
import { tenantDocument } from '#app/views/tenant-view.ts';
import { ask } from '#app/access/ask.ts';
import { grantsIn } from '#domain/role.ts';
import type { Tenant, TenantPolicy } from '#domain/tenant.ts';
import type { House } from '#app/house.ts';
import type { Routes, TenantRoute } from '#api/index.ts';
import type { z } from 'zod';
import type { Handlers } from '../call.ts';

/** How long a stream is silent before a comment keeps it open. */
const IDLE_MS = 15_000;

type Given = z.output<Routes['changeTenant']['body']>;

function withGiven<T extends TenantSettings>(tenant: T, given: Given): T {
  return {
    ...tenant,
    weight: given.weight ?? tenant.weight,
    ...(given.team === undefined ? {} : { team: given.team }),
    budgetNano: given.budgetUsd === undefined ? tenant.budgetNano : usd(given.budgetUsd),
    budgetPeriod: given.period ?? tenant.budgetPeriod,
    slo: given.slo ?? tenant.slo,
    startWithinMs: given.startWithinMs === undefined ? tenant.startWithinMs : millis(given.startWithinMs),
    regions: given.regions ?? tenant.regions,
    dataClass: given.dataClass ?? tenant.dataClass,
    // The cast is true: JSON has no members that are undefined.
    policy: { ...tenant.policy, ...(given.policy as TenantPolicy | undefined) },
  };
}

async function budgetOf(house: House, { id }: Tenant) {
  const scope = `tenant:${id}`;
  const budget = (await budgets(house)).find((each) => each.scope === scope);
  const none = { capUsd: null, spentUsd: 0, heldUsd: 0, keptForHiUsd: 0, pace: null, periodEndsAt: null };
  return budget ?? { scope, ...none };
}

/** Tenants, their repositories, money, decisions and events. */
export const TENANTS: Handlers<TenantRoute> = {
  listTenants: async ({ house, caller }) => {
    const mine = (await allTenants(house)).filter(({ id }) => grantsIn(caller.principal.grants, id).length > 0);
    return { items: await Promise.all(mine.map((tenant) => tenantDocument(house, tenant))) };
  },
  createTenant: async ({ house, body, caller }) => {
    const { id, ...given } = body;
    const tenant = await createTenant(house, withGiven(tenantDefaults(house, id), given), caller.principal);
    return tenantDocument(house, tenant);
  },
  showTenant: ({ house, tenant }) => tenantDocument(house, tenant),
  changeTenant: async ({ house, tenant, body, caller }) =>
    tenantDocument(house, await changeTenant(house, tenant.id, (stands) => withGiven(stands, body), caller.principal)),

  listRepos: async ({ house, tenant }) => ({ items: (await allRepos(house, tenant)).map(repoDocument) }),
  addRepo: async ({ house, tenant, body, caller }) => {
    const { origin, name, branch, testCommand } = body;
    const { repo } = await addRepo(house, {
      tenant,
      origin,
      by: caller.principal,
      ...(name === undefined ? {} : { name }),
      ...(branch === undefined ? {} : { branch }),
      ...(testCommand === undefined ? {} : { testCommand }),
    });
    return repoDocument(repo);
  },

  showBudget: ({ house, tenant }) => budgetOf(house, tenant),
  topUpBudget: async ({ house, tenant, body, caller }) =>
    budgetOf(house, await topUp(house, tenant, usd(body.amountUsd), caller.principal)),
  listBudgets: async ({ house }) => ({ items: await budgets(house) }),

  checkPolicy: ({ house, tenant, body, caller }) => ask(house, tenant, caller.principal, body),
  listDecisions: async ({ house, tenant, query }) => {
    const { items, next } = await decisionsPage(house, tenant, query);
    return { items: items.map(decisionDocument), next };
  },
  showDecision: async ({ house, tenant, params }) => decisionDocument(await decisionIn(house, tenant, params.decision)),

  listEvents: async ({ house, tenant, query }) => {
    const items = await eventsAfter(house, tenant, query);
    return { items, next: items.length < query.limit ? null : (items.at(-1)?.seq ?? null) };
  },
  streamEvents: ({ house, tenant, query, lastEventId, signal }) =>
    followEvents(house, tenant, { ...query, after: lastEventId ?? query.after, idleMs: IDLE_MS }, signal),
};
