import type { RunId, TenantId } from '#domain/ids.ts';
import type { VirtualKey } from '#gateway/ports.ts';
import type { Millis } from '#kernel/clock.ts';
import type { Tx } from '#kernel/sql.ts';
import { conditions } from './conditions.ts';
import { fromJson, toJson } from './json-column.ts';

type Row = { readonly body: string; readonly revoked_at: Millis | null };

function keyOf({ body, revoked_at }: Row): VirtualKey {
  const key = fromJson<VirtualKey>(body);
  return revoked_at === null ? key : { ...key, revokedAt: revoked_at };
}

/** Throws when the hash or the id is taken. */
export async function addGatewayKey(tx: Tx, hash: string, key: VirtualKey): Promise<void> {
  await tx.run(
    'insert into gateway_key (hash, tenant, id, run, expires_at, body) values ($1, $2, $3, $4, $5, $6)',
    hash,
    key.tenant,
    key.id,
    key.run ?? null,
    key.expiresAt,
    toJson(key),
  );
}

export async function findGatewayKey(tx: Tx, hash: string): Promise<VirtualKey | undefined> {
  const [row] = await tx.all<Row>('select body, revoked_at from gateway_key where hash = $1', hash);
  return row && keyOf(row);
}

/** By id, oldest first. */
export async function listGatewayKeys(tx: Tx, tenant: TenantId): Promise<VirtualKey[]> {
  const rows = await tx.all<Row>('select body, revoked_at from gateway_key where tenant = $1 order by id', tenant);
  return rows.map(keyOf);
}

/** One key, or all of a run; gives how many were alive until now. */
export async function changeGatewayKeysRevoked(
  tx: Tx,
  which: { readonly tenant: TenantId; readonly id?: string; readonly run?: RunId },
  at: Millis,
): Promise<number> {
  const { text, values } = conditions({ 'tenant =': which.tenant, 'id =': which.id, 'run =': which.run });
  return tx.run(
    `update gateway_key set revoked_at = $${values.length + 1} where ${text} and revoked_at is null`,
    ...values,
    at,
  );
}
