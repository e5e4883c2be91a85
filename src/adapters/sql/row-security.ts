import { TENANT_TABLES } from './erase-tenant.ts';
import type { Tx } from '#kernel/sql.ts';
import type { MigratableSql, ScriptTx } from './migrate.ts';

/** The role in which a tenant's own reads are made: it owns nothing, writes nothing and sees one tenant. */
export const TENANT_ROLE = 'maestro_tenant';

const SCOPE = `current_setting('maestro.tenant', true)`;

/** What the role may see of tables without a column `tenant`: those that are not here it cannot read at all. */
const OTHER_TABLES: { readonly [table: string]: string } = Object.freeze({
  tenant: `id = ${SCOPE}`,
  stop_order: `scope in ('*', ${SCOPE})`,
  ledger_scope: `scope = 'org' or scope like 'team:%' or scope = 'tenant:' || ${SCOPE}
    or exists (select 1 from task where 'task:' || task.id = ledger_scope.scope)`,
  // Digests and signatures, of which proofs are made.
  evidence_log: 'true',
  evidence_entry: 'true',
  evidence_node: 'true',
});

/** Which rows of each table the role may see. A test proves that no table with a column `tenant` is missing. */
function rowPolicies(): ReadonlyMap<string, string> {
  const own = Object.keys(TENANT_TABLES).map((table) => [table, `tenant = ${SCOPE}`] as const);
  return new Map([...own, ...Object.entries(OTHER_TABLES)]);
}

/**
 * Brings the policies of a Postgres schema up to date. False when the role is not there and this user may not make it: then
 * nothing is scoped by the database.
 */
export async function secureRows(sql: MigratableSql, schema: string): Promise<boolean> {
  const policies = rowPolicies();
  const there = await sql.all<{ tablename: string }>(
    'select tablename from pg_policies where schemaname = $1 and policyname = $2',
    schema,
    'tenant_scope',
  );
  const missing = [...policies].filter(([table]) => !there.some(({ tablename }) => tablename === table));
  if (missing.length === 0 && (await mayTakeRole(sql))) return true;
  return sql.exclusively(async (tx) => {
    await makeRole(tx);
    if (!(await mayTakeRole(tx))) return false;
    await tx.script(`grant usage on schema "${schema}" to ${TENANT_ROLE}`);
    for (const [table, rows] of missing) {
      await tx.script(`
        alter table ${table} enable row level security;
        drop policy if exists tenant_scope on ${table};
        create policy tenant_scope on ${table} for select to ${TENANT_ROLE} using (${rows});
        grant select on ${table} to ${TENANT_ROLE};`);
    }
    return true;
  });
}

/** Makes the role and lets this user take it on, where that is allowed. */
async function makeRole(tx: ScriptTx): Promise<void> {
  await tx.script(`
    do $$ begin
      if not exists (select 1 from pg_roles where rolname = '${TENANT_ROLE}') then create role ${TENANT_ROLE} nologin; end if;
      if not pg_has_role(current_user, '${TENANT_ROLE}', 'member') then execute format('grant ${TENANT_ROLE} to %I', current_user); end if;
    exception when insufficient_privilege or duplicate_object or unique_violation then null;
    end $$;`);
}

async function mayTakeRole(tx: Tx): Promise<boolean> {
  const [row] = await tx.all<{ may: number }>(
    `select coalesce((select pg_has_role(current_user, oid, 'member') from pg_roles where rolname = $1), false) as may`,
    TENANT_ROLE,
  );
  return row?.may === 1;
}
