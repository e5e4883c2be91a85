import type { ActionName } from '#domain/action.ts';
import type { OverrideId, PrincipalId, TenantId } from '#domain/ids.ts';
import type { Override, OverrideRequest } from '#domain/override.ts';
import type { Millis } from '#kernel/clock.ts';
import { sealed, type Tx } from '#kernel/sql.ts';
import { conditions } from './conditions.ts';
import { fromJson, toJson } from './json-column.ts';

type Row = {
  readonly body: string;
  readonly uses: number;
  readonly approved_by: PrincipalId | null;
  readonly approved_at: Millis | null;
  readonly revoked_by: PrincipalId | null;
  readonly revoked_at: Millis | null;
};

const COLUMNS = 'body, uses, approved_by, approved_at, revoked_by, revoked_at';

function overrideOf(row: Row): Override {
  const { body, uses, approved_by: approvedBy, approved_at: approvedAt } = row;
  const { revoked_by: revokedBy, revoked_at: revokedAt } = row;
  return {
    ...fromJson<OverrideRequest>(body),
    uses,
    ...(approvedBy === null || approvedAt === null ? {} : { approvedBy, approvedAt }),
    ...(revokedBy === null || revokedAt === null ? {} : { revokedBy, revokedAt }),
  };
}

export async function addOverride(tx: Tx, request: OverrideRequest): Promise<void> {
  const { tenant, id, action, expiresAt, maxUses } = request;
  await tx.run(
    `insert into policy_override (tenant, id, action, body, expires_at, max_uses, uses)
     values ($1, $2, $3, $4, $5, $6, 0)`,
    tenant,
    id,
    action,
    sealed(tenant, toJson(request)),
    expiresAt,
    maxUses,
  );
}

export interface OverrideFilter {
  readonly id?: OverrideId;
  readonly action?: ActionName;
  /** Only those that expire later. */
  readonly after?: Millis;
}

/** Overrides of one tenant, oldest first. */
export async function listOverrides(tx: Tx, tenant: TenantId, filter: OverrideFilter = {}): Promise<Override[]> {
  const { id, action, after } = filter;
  const terms = { 'tenant =': tenant, 'id =': id, 'action =': action, 'expires_at >': after };
  const { text, values } = conditions(terms);
  return (await tx.all<Row>(`select ${COLUMNS} from policy_override where ${text} order by id`, ...values)).map(
    overrideOf,
  );
}

/** False when it was approved or revoked before, or has expired. */
export async function approveOverride(
  tx: Tx,
  { tenant, id, by, at }: { tenant: TenantId; id: OverrideId; by: PrincipalId; at: Millis },
): Promise<boolean> {
  const changed = await tx.run(
    `update policy_override set approved_by = $1, approved_at = $2
     where tenant = $3 and id = $4 and approved_at is null and revoked_at is null and expires_at > $5`,
    by,
    at,
    tenant,
    id,
    at,
  );
  return changed === 1;
}

/** False when it was revoked before. */
export async function revokeOverride(
  tx: Tx,
  { tenant, id, by, at }: { tenant: TenantId; id: OverrideId; by: PrincipalId; at: Millis },
): Promise<boolean> {
  const changed = await tx.run(
    `update policy_override set revoked_by = $1, revoked_at = $2
     where tenant = $3 and id = $4 and revoked_at is null`,
    by,
    at,
    tenant,
    id,
  );
  return changed === 1;
}

/** Counts one use; false when there is none left, or it is not approved, revoked or expired. */
export async function useOverride(
  tx: Tx,
  { tenant, id, at }: { tenant: TenantId; id: OverrideId; at: Millis },
): Promise<boolean> {
  const changed = await tx.run(
    `update policy_override set uses = uses + 1
     where tenant = $1 and id = $2 and approved_at is not null and revoked_at is null
       and expires_at > $3 and uses < max_uses`,
    tenant,
    id,
    at,
  );
  return changed === 1;
}
