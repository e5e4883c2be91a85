import type { TenantId } from '#domain/ids.ts';
import type { Tenant } from '#domain/tenant.ts';
import type { Millis } from '#kernel/clock.ts';
import type { Sql, Tx } from '#kernel/sql.ts';
import { eraseEvents } from './audit-store.ts';

/**
 * Every table with a column `tenant`, and what an erasure does with its rows: they go, or they stay without their
 * contents. A test proves that no such table is missing.
 */
export const TENANT_TABLES: { readonly [table: string]: 'deleted' | 'emptied' } = Object.freeze({
  action_result: 'deleted',
  api_key: 'deleted',
  answer_cache: 'deleted',
  budget_rung: 'deleted',
  change_check: 'deleted',
  change_comment: 'deleted',
  change: 'deleted', // after the rows that hang on it
  decision_card: 'deleted',
  event: 'emptied',
  evidence_statement: 'emptied',
  fair_job: 'deleted',
  fair_tenant: 'deleted',
  gateway_key: 'deleted',
  idempotent_answer: 'deleted',
  landing_line: 'deleted',
  model_call: 'deleted',
  outbox: 'deleted',
  plugin_grant: 'deleted',
  policy_decision: 'deleted',
  policy_override: 'deleted',
  preemption_order: 'deleted',
  repository: 'deleted',
  role_grant: 'deleted',
  run: 'deleted',
  setting: 'deleted',
  slo_alert: 'deleted',
  slo_measure: 'deleted',
  slo_minute: 'deleted',
  step: 'deleted',
  task: 'deleted',
  task_wait: 'deleted',
  test_output: 'deleted',
  webhook: 'deleted',
});

export interface Erased {
  /** Leaves of the transparency log whose statements were emptied. */
  readonly leaves: readonly number[];
  readonly events: number;
  readonly rows: number;
}

/**
 * Deletes everything of a tenant but sums of money, the chain over its events and the digests in the transparency log.
 * Name and ordinal are never given again.
 */
export async function eraseTenant(tx: Tx, { id, ordinal }: Tenant, at: Millis): Promise<Erased> {
  const logged = await tx.all<{ leaf: number }>(
    'select leaf from evidence_statement where tenant = $1 order by leaf',
    id,
  );
  await tx.run("update evidence_statement set bundle = '' where tenant = $1", id);
  const events = await eraseEvents(tx, id);
  let rows = 0;
  for (const [table, end] of Object.entries(TENANT_TABLES)) {
    if (end === 'deleted') rows += await tx.run(`delete from ${table} where tenant = $1`, id);
  }
  // Lines at providers' keys name those who wait; whoever still does lines up again.
  rows += await tx.run('delete from provider_line');
  rows += await tx.run('delete from tenant where id = $1', id);
  await tx.run('insert into tenant_erased (id, ordinal, at) values ($1, $2, $3)', id, ordinal, at);
  return { leaves: logged.map(({ leaf }) => leaf), events, rows };
}

/** The ordinal of a tenant that was erased; undefined when none of this name was. */
export async function erasedOrdinal(tx: Tx, id: TenantId): Promise<number | undefined> {
  const [row] = await tx.all<{ ordinal: number }>('select ordinal from tenant_erased where id = $1', id);
  return row?.ordinal;
}

/** Every tenant that was erased, in the order in which they came. */
export async function erasedTenants(tx: Tx): Promise<Pick<Tenant, 'id' | 'ordinal'>[]> {
  return tx.all<Pick<Tenant, 'id' | 'ordinal'>>('select id, ordinal from tenant_erased order by ordinal');
}

/** Leaves a database file no page with what was deleted. Postgres does so itself, by its vacuum. */
export async function scrub(sql: Sql): Promise<void> {
  if (sql.engine === 'sqlite') await sql.all('pragma wal_checkpoint(truncate)');
}
