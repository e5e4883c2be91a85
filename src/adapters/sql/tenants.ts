import type { TenantId } from '#domain/ids.ts';
import type { Tenant } from '#domain/tenant.ts';
import type { Tx } from '#kernel/sql.ts';
import { fromJson, toJson } from './json-column.ts';

/** Records a tenant and gives it the next ordinal; undefined when the id is taken. */
export async function addTenant(tx: Tx, tenant: Omit<Tenant, 'ordinal'>): Promise<Tenant | undefined> {
  const [last] = await tx.all<{ ordinal: number | null }>(
    'select max(ordinal) as ordinal from (select ordinal from tenant union all select ordinal from tenant_erased) given',
  );
  const numbered: Tenant = { ...tenant, ordinal: (last?.ordinal ?? 0) + 1 };
  const added = await tx.run(
    'insert into tenant (id, ordinal, body) values ($1, $2, $3) on conflict (id) do nothing',
    numbered.id,
    numbered.ordinal,
    toJson(numbered),
  );
  return added === 1 ? numbered : undefined;
}

/** Replaces all but id and ordinal; false when there is no such tenant. */
export async function updateTenant(tx: Tx, tenant: Tenant): Promise<boolean> {
  const text = 'update tenant set body = $1 where id = $2 and ordinal = $3';
  return (await tx.run(text, toJson(tenant), tenant.id, tenant.ordinal)) === 1;
}

export async function findTenant(tx: Tx, id: TenantId): Promise<Tenant | undefined> {
  const [row] = await tx.all<{ body: string }>('select body from tenant where id = $1', id);
  return row && fromJson<Tenant>(row.body);
}

/** In the order in which they came. */
export async function listTenants(tx: Tx): Promise<Tenant[]> {
  const rows = await tx.all<{ body: string }>('select body from tenant order by ordinal');
  return rows.map((row) => fromJson<Tenant>(row.body));
}
