import { createKey, keysIn, revokeKey, rotateKey } from '#app/access/keys.ts';
import { disable, giveRoles, principalDocument, principalsIn } from '#app/access/roles.ts';
import { readConfig } from '#app/config/config.ts';
import { errorEntry } from '#app/errors.ts';
import { inbox } from '#app/views/inbox.ts';
import { allTenants } from '#app/tenants/tenants.ts';
import { EVERYWHERE } from '#domain/grant.ts';
import { recipeList } from '#agents/index.ts';
import { ApiError, type AccessRoute } from '#api/index.ts';
import type { Handlers } from '../call.ts';

/** The installation, and who may do what. */
export const ACCESS: Handlers<AccessRoute> = {
  health: () => Promise.resolve({ ok: true }),
  whoAmI: ({ caller }) => {
    const { id, kind, delegatedBy = null, grants } = caller.principal;
    return Promise.resolve({ id, kind, delegatedBy, via: caller.via, roles: grants });
  },
  status: async ({ house }) => ({
    version: house.version,
    engines: house.engines,
    diskLow: await house.disk.low(),
    waitsForPerson: (await inbox(house)).length,
    tenants: (await allTenants(house)).length,
  }),
  showConfig: ({ house }) => {
    const { shown } = readConfig({ flags: { dataDir: house.dataDir } });
    return Promise.resolve({ items: shown });
  },
  listRecipes: () => Promise.resolve({ items: recipeList() }),
  explainCode: ({ params: { code } }) => {
    const entry = errorEntry(code);
    if (entry === undefined) throw new ApiError('NOT_FOUND', `no error has the code ${code}`);
    return Promise.resolve({ code, cure: entry.cure });
  },

  listPrincipals: async ({ house, tenant }) => ({
    items: (await principalsIn(house, tenant)).map((record) => principalDocument(record, tenant.id)),
  }),
  setRoles: async ({ house, tenant, params, body, caller }) => {
    const asked = { id: params.principal, roles: body.roles, by: caller.principal };
    return principalDocument(await giveRoles(house, tenant, asked), tenant.id);
  },
  disablePrincipal: async ({ house, params, body, caller }) => {
    const asked = { id: params.principal, disabled: body.disabled, by: caller.principal };
    return principalDocument(await disable(house, asked), EVERYWHERE);
  },

  listKeys: async ({ house, tenant, caller }) => ({ items: await keysIn(house, tenant, caller.principal) }),
  createKey: ({ house, tenant, body, caller }) => {
    const { roles, label, lastsMs } = body;
    return createKey(house, tenant, {
      roles,
      by: caller.principal,
      ...(body.for === undefined ? {} : { for: body.for }),
      ...(label === undefined ? {} : { label }),
      ...(lastsMs === undefined ? {} : { lastsMs }),
    });
  },
  rotateKey: ({ house, tenant, params, body, caller }) =>
    rotateKey(house, tenant, { id: params.key, overlapMs: body.overlapMs, by: caller.principal }),
  revokeKey: ({ house, tenant, params, caller }) => revokeKey(house, tenant, params.key, caller.principal),
};
