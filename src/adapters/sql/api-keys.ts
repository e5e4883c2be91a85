import type { Grant, Role } from '#domain/grant.ts';
import type { PrincipalId } from '#domain/ids.ts';
import type { Millis } from '#kernel/clock.ts';
import type { Tx } from '#kernel/sql.ts';
import { fromJson, toJson } from './json-column.ts';

/** A key as it is kept: `hash` is the keyed hash of its secret. */
export interface KeyRecord {
  readonly id: string;
  readonly principal: PrincipalId;
  readonly tenant: Grant['tenant'];
  readonly roles: readonly Role[];
  readonly label: string;
  readonly hash: string;
  readonly createdAt: Millis;
  readonly createdBy: PrincipalId;
  readonly expiresAt?: Millis;
  /** To the minute. */
  readonly lastUsedAt?: Millis;
  readonly revokedAt?: Millis;
}

type Row = {
  readonly id: string;
  readonly principal: PrincipalId;
  readonly tenant: Grant['tenant'];
  readonly roles: string;
  readonly label: string;
  readonly hash: string;
  readonly created_at: Millis;
  readonly created_by: PrincipalId;
  readonly expires_at: Millis | null;
  readonly last_used_at: Millis | null;
  readonly revoked_at: Millis | null;
};

function keyOf(row: Row): KeyRecord {
  const { id, principal, tenant, label, hash } = row;
  return {
    ...{ id, principal, tenant, label, hash },
    roles: fromJson<readonly Role[]>(row.roles),
    createdAt: row.created_at,
    createdBy: row.created_by,
    ...(row.expires_at === null ? {} : { expiresAt: row.expires_at }),
    ...(row.last_used_at === null ? {} : { lastUsedAt: row.last_used_at }),
    ...(row.revoked_at === null ? {} : { revokedAt: row.revoked_at }),
  };
}

export async function addKey(tx: Tx, key: KeyRecord): Promise<void> {
  await tx.run(
    `insert into api_key (id, principal, tenant, roles, label, hash, created_at, created_by, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    ...[key.id, key.principal, key.tenant, toJson(key.roles), key.label, key.hash, key.createdAt, key.createdBy],
    key.expiresAt ?? null,
  );
}

/** Whatever its state, for whoever knows its secret. */
export async function findKey(tx: Tx, id: string): Promise<KeyRecord | undefined> {
  const [row] = await tx.all<Row>('select * from api_key where id = $1', id);
  return row && keyOf(row);
}

/** The keys of one tenant, oldest first; of every tenant for `*`. */
export async function listKeys(tx: Tx, tenant: Grant['tenant']): Promise<KeyRecord[]> {
  const rows = await tx.all<Row>(`select * from api_key where $1 = '*' or tenant = $2 order by id`, tenant, tenant);
  return rows.map(keyOf);
}

/** The earlier end counts; a key that has ended stays so. */
export async function updateKeyEnd(
  tx: Tx,
  id: string,
  end: { readonly revokedAt: Millis } | { readonly expiresAt: Millis },
): Promise<void> {
  if ('revokedAt' in end) {
    await tx.run('update api_key set revoked_at = $2 where id = $1 and revoked_at is null', id, end.revokedAt);
    return;
  }
  await tx.run(
    'update api_key set expires_at = $2 where id = $1 and (expires_at is null or expires_at > $3)',
    ...[id, end.expiresAt, end.expiresAt],
  );
}

export async function updateKeyUse(tx: Tx, id: string, at: Millis): Promise<void> {
  await tx.run('update api_key set last_used_at = $2 where id = $1', id, at);
}
