import type { Action } from '#domain/action.ts';
import type { DecisionId, OverrideId, TaskId, TenantId } from '#domain/ids.ts';
import type { PolicyDecision } from '#domain/policy-decision.ts';
import type { Millis } from '#kernel/clock.ts';
import type { Json } from '#kernel/json.ts';
import { sealed, type Tx } from '#kernel/sql.ts';
import { conditions } from './conditions.ts';
import { digestOf } from '#kernel/digest.ts';
import { fromJson, toJson } from './json-column.ts';

/** A decision with what it was about. The tenant is that of the action's resource. */
export interface RecordedDecision extends PolicyDecision {
  readonly action: Action;
  readonly at: Millis;
  readonly task?: TaskId;
}

type Row = {
  readonly id: DecisionId;
  readonly task: TaskId | null;
  readonly at: Millis;
  readonly action: string;
  readonly allow: number;
  readonly reasons: string;
  readonly obligations: string;
  readonly engine: string;
  readonly policy_digest: string;
  readonly engine_decision: string | null;
  readonly override: OverrideId | null;
};

const COLUMNS = 'id, task, at, action, allow, reasons, obligations, engine, policy_digest, engine_decision, override';

function decisionOf(row: Row): RecordedDecision {
  const { id, at, engine, task } = row;
  return {
    id,
    at,
    action: fromJson(row.action),
    allow: row.allow === 1,
    reasons: fromJson(row.reasons),
    obligations: fromJson(row.obligations),
    engine,
    policyDigest: row.policy_digest,
    ...(row.engine_decision === null ? {} : { engineDecision: row.engine_decision }),
    ...(row.override === null ? {} : { override: row.override }),
    ...(task === null ? {} : { task }),
  };
}

/** SHA-256 hex over everything that is recorded of a decision. */
export function decisionDigest(decision: RecordedDecision): string {
  const { id, at, action, task, allow, reasons, obligations, engine, policyDigest, engineDecision, override } =
    decision;
  // The round trip makes it the digest of what the columns hold: members that are undefined are not in JSON.
  const columns = fromJson<Json>(toJson({ action, reasons, obligations, override }));
  return digestOf({
    id,
    at,
    task: task ?? null,
    allow,
    engine,
    policyDigest,
    engineDecision: engineDecision ?? null,
    columns,
  });
}

/** Throws when the id is taken: a decision is recorded once. */
export async function recordDecision(tx: Tx, decision: RecordedDecision): Promise<void> {
  const { tenant } = decision.action.resource;
  await tx.run(
    `insert into policy_decision (tenant, ${COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    tenant,
    decision.id,
    decision.task ?? null,
    decision.at,
    sealed(tenant, toJson(decision.action)),
    decision.allow ? 1 : 0,
    sealed(tenant, toJson(decision.reasons)),
    sealed(tenant, toJson(decision.obligations)),
    decision.engine,
    decision.policyDigest,
    decision.engineDecision ?? null,
    decision.override ?? null,
  );
}

export async function findDecision(tx: Tx, tenant: TenantId, id: DecisionId): Promise<RecordedDecision | undefined> {
  const query = `select ${COLUMNS} from policy_decision where tenant = $1 and id = $2`;
  const [row] = await tx.all<Row>(query, tenant, id);
  return row && decisionOf(row);
}

export async function deleteDecision(tx: Tx, tenant: TenantId, id: string): Promise<void> {
  await tx.run('delete from policy_decision where tenant = $1 and id = $2', tenant, id);
}

/** Oldest first. */
export async function listDecisions(tx: Tx, tenant: TenantId, task?: TaskId): Promise<RecordedDecision[]> {
  const { text, values } = conditions({ 'tenant =': tenant, 'task =': task });
  const rows = await tx.all<Row>(`select ${COLUMNS} from policy_decision where ${text} order by at, id`, ...values);
  return rows.map(decisionOf);
}

/** Decisions of a tenant from a time on, oldest first, one page: give the last one of a page as `after` for the next. */
export async function pageDecisions(
  tx: Tx,
  tenant: TenantId,
  page: { readonly from: Millis; readonly after?: Pick<RecordedDecision, 'at' | 'id'>; readonly limit: number },
): Promise<RecordedDecision[]> {
  const { at, id } = page.after ?? { at: page.from, id: '' };
  const rows = await tx.all<Row>(
    `select ${COLUMNS} from policy_decision
     where tenant = $1 and (at > $2 or (at = $3 and id > $4)) order by at, id limit $5`,
    tenant,
    at,
    at,
    id,
    page.limit,
  );
  return rows.map(decisionOf);
}

/** The digest of every decision of every tenant, for the audit. */
export async function decisionDigests(
  tx: Tx,
): Promise<{ readonly id: DecisionId; readonly tenant: TenantId; readonly digest: string }[]> {
  const rows = await tx.all<Row & { tenant: TenantId }>(
    `select tenant, ${COLUMNS} from policy_decision order by tenant, id`,
  );
  return rows.map((row) => ({ id: row.id, tenant: row.tenant, digest: decisionDigest(decisionOf(row)) }));
}
