import type { TenantId } from '#domain/ids.ts';
import type { Priority } from '#domain/task.ts';
import type { Rung } from '#qos/ports.ts';
import type { Tx } from '#kernel/sql.ts';

/** Where a class of a tenant stood last on the downshift ladder. */
export async function findRung(tx: Tx, tenant: TenantId, priority: Priority): Promise<Rung> {
  const [row] = await tx.all<{ rung: Rung }>(
    'select rung from budget_rung where tenant = $1 and class = $2',
    tenant,
    priority,
  );
  return row?.rung ?? 'requested';
}

export async function putRung(tx: Tx, tenant: TenantId, priority: Priority, rung: Rung): Promise<void> {
  await tx.run(
    `insert into budget_rung (tenant, class, rung) values ($1, $2, $3)
     on conflict (tenant, class) do update set rung = excluded.rung where budget_rung.rung <> excluded.rung`,
    tenant,
    priority,
    rung,
  );
}
