import type { House } from '#app/house.ts';
import { AppError } from '#app/fault.ts';
import {
  allOverrides,
  approveOverride,
  overrideDocument,
  requestOverride,
  revokeOverride,
} from '#app/governance/overrides.ts';
import type { Override } from '#domain/override.ts';
import type { Tenant } from '#domain/tenant.ts';
import type { OverrideRoute } from '#api/index.ts';
import type { Handlers } from '../call.ts';

/** An override of this tenant; one of another is as unknown as one that is not there. */
async function overrideIn(house: House, tenant: Tenant, id: string): Promise<Override> {
  const override = (await allOverrides(house, tenant)).find((each) => each.id === id);
  if (override !== undefined) return override;
  throw new AppError('OVERRIDE_UNKNOWN', `there is no override "${id}"`, { details: { id } });
}

/** Exceptions to policy. */
export const OVERRIDES: Handlers<OverrideRoute> = {
  listOverrides: async ({ house, tenant }) => ({
    items: (await allOverrides(house, tenant)).map((override) => overrideDocument(house, override)),
  }),
  requestOverride: async ({ house, tenant, body, caller }) => {
    const { repo, task, paths, ...asked } = body;
    const scope = {
      ...(repo === undefined ? {} : { repo }),
      ...(task === undefined ? {} : { task }),
      ...(paths === undefined ? {} : { paths }),
    };
    return overrideDocument(house, await requestOverride(house, { tenant, ...asked, ...scope }, caller.principal));
  },
  approveOverride: async ({ house, tenant, params, caller }) => {
    const override = await overrideIn(house, tenant, params.override);
    return overrideDocument(house, await approveOverride(house, override, caller.principal));
  },
  revokeOverride: async ({ house, tenant, params, caller }) => {
    const override = await overrideIn(house, tenant, params.override);
    return overrideDocument(house, await revokeOverride(house, override, caller.principal));
  },
};
