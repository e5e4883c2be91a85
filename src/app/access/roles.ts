import {
  addPrincipal,
  appendEvent,
  findPrincipal,
  listPrincipals,
  type PrincipalRecord,
  setDisabled,
  setRoles,
} from '#adapters/sql/index.ts';
import type { Tx } from '#kernel/sql.ts';
import type { Principal } from '#domain/action.ts';
import { EVERYWHERE, type Role, ROLES } from '#domain/grant.ts';
import type { Tenant } from '#domain/tenant.ts';
import { IdentityError, principalId } from '#identity/index.ts';
import { AppError } from '../fault.ts';
import type { House } from '../house.ts';
import { perform } from '../perform.ts';
import { platform } from './platform.ts';

/** One principal for programs, with its roles in the tenant that was asked about, or all of them for `*`. */
export type PrincipalDocument = {
  readonly id: string;
  readonly kind: Principal['kind'];
  readonly delegatedBy: string | null;
  readonly roles: readonly { readonly role: string; readonly tenant: string }[];
  readonly createdAt: number;
  readonly disabledAt: number | null;
};

export function principalDocument(record: PrincipalRecord, tenant: string): PrincipalDocument {
  const { id, kind, delegatedBy = null, createdAt, disabledAt = null } = record;
  const roles = record.grants.filter((grant) => tenant === EVERYWHERE || grant.tenant === tenant);
  return { id, kind, delegatedBy, roles, createdAt, disabledAt };
}

/** Those who hold a role in the tenant; everybody for the installation. */
export async function principalsIn(house: House, tenant: Tenant): Promise<readonly PrincipalRecord[]> {
  return listPrincipals(house.store.truth, tenant.id);
}

/** The roles of a principal in this tenant become exactly these; who is not on record yet is recorded. An agent then acts for `by`. */
export async function giveRoles(
  house: House,
  tenant: Tenant,
  asked: { readonly id: string; readonly roles: readonly Role[]; readonly by: Principal },
): Promise<PrincipalRecord> {
  const { id, kind } = principalId(asked.id);
  const { roles, by } = asked;
  if (roles.includes('platform-admin') && tenant.id !== EVERYWHERE) {
    throw new AppError('ROLE_INVALID', 'platform-admin is a role for the whole installation, not for one tenant');
  }
  const request = {
    name: 'principal.set',
    principal: by,
    tenant,
    resource: { kind: 'principal', id, attributes: { roles, for: id } },
  } as const;
  return perform(house, request, async (tx) => {
    const at = house.clock.now();
    if (kind === 'agent') await recordDelegating(tx, house, by);
    const delegatedBy = kind === 'agent' ? { delegatedBy: by.id } : {};
    await addPrincipal(tx, { id, kind, ...delegatedBy, createdAt: at, createdBy: by.id });
    await setRoles(tx, { principal: id, tenant: tenant.id, roles, by: by.id, at });
    await appendEvent(tx, at, {
      type: 'principal.changed',
      tenant: tenant.id,
      by: by.id,
      data: { principal: id, roles },
    });
    return known(tx, id);
  });
}

/** Somebody known by another way (the account of the machine) is put on record with what it holds, so that an agent can be bound by it. */
async function recordDelegating(tx: Tx, house: House, by: Principal): Promise<void> {
  if (by.kind === 'agent') throw new IdentityError('PRINCIPAL_INVALID', 'an agent acts for a person or a service');
  if ((await findPrincipal(tx, by.id)) !== undefined) return;
  const at = house.clock.now();
  await addPrincipal(tx, { id: by.id, kind: by.kind, createdAt: at, createdBy: by.id });
  for (const tenant of new Set(by.grants.map((grant) => grant.tenant))) {
    const held = by.grants.filter((grant) => grant.tenant === tenant).map(({ role }) => role);
    const roles = ROLES.filter((role) => held.includes(role));
    await setRoles(tx, { principal: by.id, tenant, roles, by: by.id, at });
  }
}

/** Shuts a principal out of everything, its keys and sessions included, or lets it in again. */
export async function disable(
  house: House,
  asked: { readonly id: string; readonly disabled: boolean; readonly by: Principal },
): Promise<PrincipalRecord> {
  const { id } = principalId(asked.id);
  const { by, disabled } = asked;
  const tenant = platform(house);
  const request = {
    name: 'principal.disable',
    principal: by,
    tenant,
    resource: { kind: 'principal', id, attributes: { disabled } },
  } as const;
  return perform(house, request, async (tx) => {
    await known(tx, id);
    const at = house.clock.now();
    await setDisabled(tx, id, disabled ? at : undefined);
    const data = { principal: id, disabled };
    await appendEvent(tx, at, { type: 'principal.disabled', tenant: tenant.id, by: by.id, data });
    return known(tx, id);
  });
}

async function known(tx: Tx, id: string): Promise<PrincipalRecord> {
  const record = await findPrincipal(tx, id);
  if (record === undefined) throw new AppError('PRINCIPAL_UNKNOWN', `there is no principal "${id}"`);
  return record;
}
