import type { Millis } from '#kernel/clock.ts';
import { sha256 } from '#kernel/digest.ts';
import type { NanoUsd } from '#kernel/money.ts';
import type { Random } from '#kernel/random.ts';
import type { Grant } from '#domain/grant.ts';
import type { PrincipalId, RunId, TaskId, TenantId } from '#domain/ids.ts';
import type { Priority } from '#domain/task.ts';
import { GatewayError } from './errors.ts';

const PREFIX = 'mk_';

/** What lets a client call models: bound to a tenant, and to a run where it has one. Its secret is kept by nobody. */
export interface VirtualKey {
  readonly id: string;
  readonly tenant: TenantId;
  readonly task?: TaskId;
  readonly run?: RunId;
  /** Who acts with it, for whom, and with which roles. */
  readonly principal: PrincipalId;
  readonly delegatedBy?: PrincipalId;
  readonly grants: readonly Grant[];
  /** Exact model names, `maestro/auto` among them; empty: every model that policy allows. */
  readonly models: readonly string[];
  /** Scopes that pay, from widest to narrowest. A run's key pays from what the run's admission holds. */
  readonly scopes: readonly string[];
  readonly priority: Priority;
  readonly createdAt: Millis;
  readonly expiresAt: Millis;
  readonly revokedAt?: Millis;
}

/** What a new key is to be. */
export type KeyRequest = Omit<VirtualKey, 'id' | 'createdAt' | 'scopes' | 'revokedAt'> & {
  /** Most that may be spent with it; null: what its wider scopes allow. */
  readonly capNano: NanoUsd | null;
};

/** A new token: `mk_` and 256 random bits. It is shown once. */
export function newToken(random: Random): string {
  return PREFIX + Buffer.from(random.bytes(32)).toString('base64url');
}

/** What is kept of a token. A fast hash is enough for 256 random bits. */
export function tokenHash(token: string): string {
  return sha256(token);
}

/** The token in the headers of either kind of client. Throws KEY_MISSING. */
export function tokenIn(headers: { readonly [name: string]: string | string[] | undefined }): string {
  const bearer = headers['authorization'];
  if (typeof bearer === 'string' && bearer.startsWith('Bearer ')) return bearer.slice(7).trim();
  const key = headers['x-api-key'];
  if (typeof key === 'string' && key !== '') return key;
  throw new GatewayError('KEY_MISSING', 'the request carries no key');
}

/** Throws KEY_REVOKED or KEY_EXPIRED. */
export function checkKey(key: VirtualKey, now: Millis): void {
  if (key.revokedAt !== undefined) throw new GatewayError('KEY_REVOKED', `the key ${key.id} was revoked`);
  if (key.expiresAt <= now) throw new GatewayError('KEY_EXPIRED', `the key ${key.id} has expired`);
}
