import {
  addKey,
  appendEvent,
  findKey,
  findPrincipal,
  type KeyRecord,
  listKeys,
  updateKeyEnd,
} from '#adapters/sql/index.ts';
import { type Millis, millis } from '#kernel/clock.ts';
import type { Principal } from '#domain/action.ts';
import { EVERYWHERE, type Role } from '#domain/grant.ts';
import type { Tenant } from '#domain/tenant.ts';
import { mayIn } from '#domain/role.ts';
import { newApiKey, principalId } from '#identity/index.ts';
import { AppError } from '../fault.ts';
import type { House } from '../house.ts';
import { perform } from '../perform.ts';
import { tenantOrPlatform } from './platform.ts';

/** A key for programs; never with its secret. */
export type KeyDocument = {
  readonly id: string;
  readonly principal: string;
  readonly tenant: string;
  readonly roles: readonly string[];
  readonly label: string;
  readonly state: 'active' | 'expired' | 'revoked';
  readonly createdAt: number;
  readonly createdBy: string;
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
};

function keyDocument(house: House, key: KeyRecord): KeyDocument {
  const { id, principal, tenant, roles, label, createdAt, createdBy, expiresAt = null, lastUsedAt = null } = key;
  const over = expiresAt !== null && expiresAt <= house.clock.now();
  const state = key.revokedAt !== undefined ? 'revoked' : over ? 'expired' : 'active';
  return { id, principal, tenant, roles, label, state, createdAt, createdBy, expiresAt, lastUsedAt };
}

export interface NewKey {
  /** Who the key acts as; the caller itself when left out. */
  readonly for?: string;
  readonly roles: readonly Role[];
  readonly label?: string;
  /** From now; without it the key does not end by itself. */
  readonly lastsMs?: number;
  readonly by: Principal;
}

/** A key with its text, which is told this once. */
export type MadeKey = { readonly key: KeyDocument; readonly text: string };

/** Makes a key that acts as a principal on record, in one tenant or everywhere. */
export async function createKey(house: House, tenant: Tenant, asked: NewKey): Promise<MadeKey> {
  return make(house, tenant, asked);
}

/**
 * Makes the same key anew, in the place of the old one wherever it was asked for; the old one ends after `overlapMs`, so
 * that its holders can change over.
 */
export async function rotateKey(
  house: House,
  tenant: Tenant,
  asked: { readonly id: string; readonly overlapMs: number; readonly by: Principal },
): Promise<MadeKey> {
  const old = await getKey(house, tenant, asked.id);
  if (keyDocument(house, old).state !== 'active') throw over(old);
  const { expiresAt, createdAt, label, roles, principal } = old;
  const lasts = expiresAt === undefined ? {} : { lastsMs: expiresAt - createdAt };
  const request = { for: principal, roles, label, ...lasts, by: asked.by };
  const place = await tenantOrPlatform(house, old.tenant);
  return make(house, place, request, { id: old.id, expiresAt: millis(house.clock.now() + asked.overlapMs) });
}

async function make(
  house: House,
  tenant: Tenant,
  asked: NewKey,
  replaced?: { readonly id: string; readonly expiresAt: Millis },
): Promise<MadeKey> {
  const owner = principalId(asked.for ?? asked.by.id).id;
  const made = newApiKey(house.ids.next('key'), house.random);
  const now = house.clock.now();
  const key: KeyRecord = {
    id: made.id,
    principal: owner,
    tenant: tenant.id,
    roles: asked.roles,
    label: asked.label ?? '',
    hash: house.secretHash(made.secret),
    createdAt: now,
    createdBy: asked.by.id,
    ...(asked.lastsMs === undefined ? {} : { expiresAt: millis(now + asked.lastsMs) }),
  };
  const request = {
    name: 'key.create',
    principal: asked.by,
    tenant,
    resource: { kind: 'key', id: key.id, attributes: { for: owner, roles: asked.roles } },
  } as const;
  await perform(house, request, async (tx) => {
    if ((await findPrincipal(tx, owner)) === undefined) {
      throw new AppError('PRINCIPAL_UNKNOWN', `there is no principal "${owner}"; give it a role first`);
    }
    await addKey(tx, key);
    if (replaced !== undefined) await updateKeyEnd(tx, replaced.id, replaced);
    const data = { key: key.id, principal: owner, roles: asked.roles };
    await appendEvent(tx, now, { type: 'key.created', tenant: tenant.id, by: asked.by.id, data });
  });
  return { key: keyDocument(house, key), text: made.text };
}

/** Ends a key at once. Ending one that has ended is the same as once. */
export async function revokeKey(house: House, tenant: Tenant, id: string, by: Principal): Promise<KeyDocument> {
  const key = await getKey(house, tenant, id);
  const place = await tenantOrPlatform(house, key.tenant);
  const request = {
    name: 'key.revoke',
    principal: by,
    tenant: place,
    resource: { kind: 'key', id, attributes: { for: key.principal } },
  } as const;
  return perform(house, request, async (tx) => {
    const at = house.clock.now();
    await updateKeyEnd(tx, id, { revokedAt: at });
    const data = { key: id, principal: key.principal };
    await appendEvent(tx, at, { type: 'key.revoked', tenant: place.id, by: by.id, data });
    return keyDocument(house, { ...key, revokedAt: at });
  });
}

/** Keys of the tenant, oldest first: all for its admins, their own for others. */
export async function keysIn(house: House, tenant: Tenant, by: Principal): Promise<readonly KeyDocument[]> {
  const keys = await listKeys(house.store.truth, tenant.id);
  const all = mayIn(by.grants, tenant.id, 'access.read');
  return keys.filter((key) => all || key.principal === by.id).map((key) => keyDocument(house, key));
}

/** A key of the tenant; from the platform a key of any tenant. */
async function getKey(house: House, tenant: Tenant, id: string): Promise<KeyRecord> {
  const key = await findKey(house.store.truth, id);
  const here = key !== undefined && (key.tenant === tenant.id || tenant.id === EVERYWHERE);
  if (!here) throw new AppError('API_KEY_UNKNOWN', `there is no key "${id}"`);
  return key;
}

function over({ id }: KeyRecord): AppError {
  return new AppError('API_KEY_ENDED', `key ${id} has ended and cannot be rotated`);
}
