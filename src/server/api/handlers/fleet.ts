import { millis } from '#kernel/clock.ts';
import { usd } from '#kernel/money.ts';
import { autonomyOf } from '#app/governance/autonomy.ts';
import { allKeys, issueKey, revokeKey } from '#app/gateway/keys.ts';
import { modelsOf } from '#app/gateway/models-for.ts';
import { gatewayStats } from '#app/gateway/stats.ts';
import { AppError } from '#app/fault.ts';
import type { House } from '#app/house.ts';
import { fleet, pools, want } from '#app/qos/pools.ts';
import { sloStatus } from '#app/qos/slo-view.ts';
import { resume, stop } from '#app/qos/stop.ts';
import { budgets, setScopeBudget, topUpScope } from '#app/tenants/budgets.ts';
import type { FleetRoute } from '#api/index.ts';
import { EVERYWHERE } from '#domain/grant.ts';
import type { Tenant } from '#domain/tenant.ts';
import type { Handlers } from '../call.ts';

/** Undefined for `*`, which is every tenant. */
function one(tenant: Tenant): Tenant | undefined {
  return tenant.id === EVERYWHERE ? undefined : tenant;
}

async function scope(house: House, name: string) {
  return { items: (await budgets(house)).filter((budget) => budget.scope === name) };
}

type ModelKey = Awaited<ReturnType<typeof allKeys>>[number];

function keyDocument({ id, principal, models, createdAt, expiresAt, revokedAt }: ModelKey) {
  return { id, principal, models, createdAt, expiresAt, revokedAt: revokedAt ?? null };
}

async function modelKey(house: House, tenant: Tenant, id: string): Promise<ModelKey> {
  const key = (await allKeys(house, tenant)).find((each) => each.id === id);
  if (key === undefined) throw new AppError('API_KEY_UNKNOWN', `there is no key "${id}"`, { details: { id } });
  return key;
}

/** The fleet at work: stop and go, workers, promises, money above tenants, models. */
export const FLEET: Handlers<FleetRoute> = {
  stop: ({ house, tenant, caller }) => stop(house, one(tenant), caller.principal),
  resume: ({ house, tenant, caller }) => resume(house, one(tenant), caller.principal),

  listWorkers: async ({ house }) => ({ items: await fleet(house) }),
  listPools: async ({ house }) => ({ items: await pools(house) }),
  setWorker: ({ house, params, body, caller }) => want(house, params.worker, body.wanted, caller.principal),

  listObjectives: async ({ house, tenant }) => {
    const own = one(tenant)?.id;
    return { items: (await sloStatus(house)).filter((row) => own === undefined || row.tenant === own) };
  },
  listAutonomy: async ({ house, tenant }) => ({
    items: await house.store.truth.tx(async (tx) =>
      (await autonomyOf(tx, tenant)).map(({ earned, ...row }) => ({ ...row, earned: { ...earned } })),
    ),
  }),

  setBudget: async ({ house, params, body, caller }) => {
    const capNano = body.capUsd === null ? null : usd(body.capUsd);
    await setScopeBudget(house, params.scope, { capNano, period: body.period }, caller.principal);
    return scope(house, params.scope);
  },
  topUpScope: async ({ house, params, body, caller }) => {
    await topUpScope(house, params.scope, usd(body.amountUsd), caller.principal);
    return scope(house, params.scope);
  },

  showModels: async ({ house, tenant }) => {
    const { models, exact, prefix } = await gatewayStats(house, one(tenant)?.id);
    return { models: models.map((row) => ({ ...row })), exact: { ...exact }, prefix: { ...prefix } };
  },
  listModels: async ({ house, tenant, caller }) => ({
    items: [...(await modelsOf(house, tenant, caller.principal.id))],
  }),
  listModelKeys: async ({ house, tenant }) => ({ items: (await allKeys(house, tenant)).map(keyDocument) }),
  createModelKey: async ({ house, tenant, body, caller }) => {
    const { models, maxUsd, lastsMs = house.keyLifeMs } = body;
    const expiresAt = millis(house.clock.now() + lastsMs);
    const capNano = maxUsd === undefined ? null : usd(maxUsd);
    const made = await issueKey(house, tenant, { models, capNano, priority: 'lo', expiresAt }, caller.principal);
    return { key: keyDocument(made.key), text: made.token };
  },
  revokeModelKey: async ({ house, tenant, params, caller }) => {
    await modelKey(house, tenant, params.key);
    await revokeKey(house, tenant, params.key, caller.principal);
    return keyDocument(await modelKey(house, tenant, params.key));
  },
};
