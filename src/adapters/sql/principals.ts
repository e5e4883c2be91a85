import type { Principal } from '#domain/action.ts';
import type { Grant, Role } from '#domain/grant.ts';
import type { PrincipalId } from '#domain/ids.ts';
import type { Millis } from '#kernel/clock.ts';
import type { Tx } from '#kernel/sql.ts';

/** A principal as it is kept, with the roles that were given to it. */
export interface PrincipalRecord extends Principal {
  readonly createdAt: Millis;
  readonly createdBy: PrincipalId;
  readonly disabledAt?: Millis;
}

type Row = {
  readonly id: PrincipalId;
  readonly kind: Principal['kind'];
  readonly delegated_by: PrincipalId | null;
  readonly created_at: Millis;
  readonly created_by: PrincipalId;
  readonly disabled_at: Millis | null;
};

type GrantRow = { readonly tenant: Grant['tenant']; readonly role: Role };

async function recordOf(tx: Tx, row: Row): Promise<PrincipalRecord> {
  const query = 'select tenant, role from role_grant where principal = $1 order by tenant, role';
  const grants = (await tx.all<GrantRow>(query, row.id)).map(({ tenant, role }) => ({ tenant, role }));
  return {
    id: row.id,
    kind: row.kind,
    grants,
    createdAt: row.created_at,
    createdBy: row.created_by,
    ...(row.delegated_by === null ? {} : { delegatedBy: row.delegated_by }),
    ...(row.disabled_at === null ? {} : { disabledAt: row.disabled_at }),
  };
}

/** Records a principal; one that is there stays as it is. */
export async function addPrincipal(tx: Tx, principal: Omit<PrincipalRecord, 'grants'>): Promise<void> {
  await tx.run(
    `insert into principal (id, kind, delegated_by, created_at, created_by) values ($1, $2, $3, $4, $5)
     on conflict (id) do nothing`,
    principal.id,
    principal.kind,
    principal.delegatedBy ?? null,
    principal.createdAt,
    principal.createdBy,
  );
}

export async function findPrincipal(tx: Tx, id: string): Promise<PrincipalRecord | undefined> {
  const [row] = await tx.all<Row>('select * from principal where id = $1', id);
  return row && recordOf(tx, row);
}

/** Those who hold a role in this tenant; every principal for `*`. By id. */
export async function listPrincipals(tx: Tx, tenant: Grant['tenant']): Promise<PrincipalRecord[]> {
  const rows = await tx.all<Row>(
    `select * from principal where $1 = '*' or id in (select principal from role_grant where tenant = $2) order by id`,
    tenant,
    tenant,
  );
  const records: PrincipalRecord[] = [];
  for (const row of rows) records.push(await recordOf(tx, row));
  return records;
}

/** The roles of a principal in one tenant become exactly these. */
export async function setRoles(
  tx: Tx,
  grant: {
    readonly principal: PrincipalId;
    readonly tenant: Grant['tenant'];
    readonly roles: readonly Role[];
    readonly by: PrincipalId;
    readonly at: Millis;
  },
): Promise<void> {
  const { principal, tenant, by, at } = grant;
  await tx.run('delete from role_grant where principal = $1 and tenant = $2', principal, tenant);
  for (const role of new Set(grant.roles)) {
    await tx.run(
      'insert into role_grant (principal, tenant, role, granted_at, granted_by) values ($1, $2, $3, $4, $5)',
      ...[principal, tenant, role, at, by],
    );
  }
}

/** Shuts a principal out, or lets it in again with undefined. */
export async function setDisabled(tx: Tx, id: PrincipalId, at: Millis | undefined): Promise<void> {
  await tx.run('update principal set disabled_at = $2 where id = $1', id, at ?? null);
}
