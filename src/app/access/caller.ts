import { timingSafeEqual } from 'node:crypto';
import {
  findKey,
  findPrincipal,
  findSession,
  type PrincipalRecord,
  type SessionRecord,
  updateKeyUse,
} from '#adapters/sql/index.ts';
import type { Principal } from '#domain/action.ts';
import type { Grant } from '#domain/grant.ts';
import type { PrincipalId } from '#domain/ids.ts';
import { cutDown, keyGrants, readApiKey } from '#identity/index.ts';
import type { House } from '../house.ts';

/** How exactly the last use of a key is known. */
const USE_KNOWN_TO_MS = 60_000;

/** Who asks, by what they showed. */
export interface Caller {
  readonly principal: Principal;
  readonly via: 'key' | 'session' | 'oidc';
  /** What requests are counted by: the key, or the principal. */
  readonly meter: string;
}

/** Whose key this is, with what it gives now. Undefined for one that is unknown, over, revoked, or of a disabled principal. */
export async function callerOfKey(house: House, text: string): Promise<Caller | undefined> {
  const given = readApiKey(text);
  if (given === undefined) return undefined;
  const { truth } = house.store;
  const key = await findKey(truth, given.id);
  const now = house.clock.now();
  if (key === undefined || !sameText(key.hash, house.secretHash(given.secret))) return undefined;
  if (key.revokedAt !== undefined || (key.expiresAt !== undefined && key.expiresAt <= now)) return undefined;
  const principal = await findPrincipal(truth, key.principal);
  const grants = principal && (await grantsNow(house, principal, []));
  if (principal === undefined || grants === undefined) return undefined;
  if ((key.lastUsedAt ?? 0) <= now - USE_KNOWN_TO_MS) await truth.tx((tx) => updateKeyUse(tx, key.id, now));
  return { principal: acting(principal, keyGrants(grants, key)), via: 'key', meter: key.id };
}

/** Whose session this is. Undefined for one that is unknown or over. */
export async function callerOfSession(house: House, secret: string): Promise<Caller | undefined> {
  const session = await findSession(house.store.truth, house.secretHash(secret));
  if (session === undefined || session.kind !== 'session' || session.expiresAt <= house.clock.now()) return undefined;
  return callerOfSignIn(house, session, 'session');
}

/** Whoever signed in elsewhere, with the roles that this gave beside those on record. Undefined for a disabled one. */
export async function callerOfSignIn(
  house: House,
  { principal: id, grants: given }: Pick<SessionRecord, 'principal' | 'grants'>,
  via: Caller['via'],
): Promise<Caller | undefined> {
  const record = await findPrincipal(house.store.truth, id);
  if (record === undefined) return { principal: { id, kind: 'human', grants: given }, via, meter: id };
  const grants = await grantsNow(house, record, given);
  return grants && { principal: acting(record, grants), via, meter: id };
}

/** Roles of a principal at this moment: an agent's never exceed those of whoever it acts for. */
async function grantsNow(
  house: House,
  principal: PrincipalRecord,
  more: readonly Grant[],
): Promise<readonly Grant[] | undefined> {
  if (principal.disabledAt !== undefined) return undefined;
  const own = [...principal.grants, ...more];
  if (principal.kind !== 'agent') return own;
  const delegating = principal.delegatedBy && (await findPrincipal(house.store.truth, principal.delegatedBy));
  if (!delegating || delegating.disabledAt !== undefined) return [];
  return cutDown(own, delegating.grants);
}

function acting(
  { id, kind, delegatedBy }: { id: PrincipalId; kind: Principal['kind']; delegatedBy?: PrincipalId },
  grants: readonly Grant[],
): Principal {
  return { id, kind, grants, ...(delegatedBy === undefined ? {} : { delegatedBy }) };
}

/** Takes the same time wherever the first difference is. */
export function sameText(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
