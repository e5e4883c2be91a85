import { millis } from '#kernel/clock.ts';
import { AUDIT_FORMATS } from '#app/governance/audit-formats.ts';
import { type AuditRow, auditRows, type AuditSearch, policyChecked, verifyAudit } from '#app/governance/audit.ts';
import { eraseTenant } from '#app/governance/erase.ts';
import { pruneAudit } from '#app/governance/prune.ts';
import { rehearse } from '#app/governance/rehearse.ts';
import { rotateMasterKey } from '#app/governance/secrets.ts';
import { applyFleet, planFor } from '#app/fleet-config/apply.ts';
import { exportFleet } from '#app/fleet-config/export.ts';
import { fleetIn } from '#app/fleet-config/file.ts';
import { planDocument } from '#app/fleet-config/plan.ts';
import { verifyLog } from '#app/views/evidence-files.ts';
import { ApiError, type GovernanceRoute, type Routes } from '#api/index.ts';
import { EVERYWHERE } from '#domain/grant.ts';
import type { TaskId, TenantId } from '#domain/ids.ts';
import type { Tenant } from '#domain/tenant.ts';
import type { z } from 'zod';
import type { Handlers } from '../call.ts';

const DAY_MS = 86_400_000;
/** How faults call the document of a request. */
const BODY = 'body';

/** Undefined for `*`, which is every tenant. */
function only({ id }: Tenant): TenantId | undefined {
  return id === EVERYWHERE ? undefined : id;
}

function searchOf(tenant: Tenant, query: z.output<Routes['searchAudit']['query']>): AuditSearch {
  const { after, since, until, type, by, task, text } = query;
  const id = only(tenant);
  return {
    ...(id === undefined ? {} : { tenant: id }),
    ...(after === undefined ? {} : { after }),
    ...(since === undefined ? {} : { since: millis(since) }),
    ...(until === undefined ? {} : { until: millis(until) }),
    ...(type === undefined ? {} : { type }),
    ...(by === undefined ? {} : { by }),
    // The cast is true as a question: an id that no task has finds nothing.
    ...(task === undefined ? {} : { task: task as TaskId }),
    ...(text === undefined ? {} : { text }),
  };
}

async function first(rows: AsyncIterable<AuditRow>, limit: number): Promise<AuditRow[]> {
  const found: AuditRow[] = [];
  for await (const row of rows) {
    found.push(row);
    if (found.length === limit) break;
  }
  return found;
}

/** The audit log, policy as a whole, the fleet as a file, and what cannot be taken back. */
export const GOVERNANCE: Handlers<GovernanceRoute> = {
  searchAudit: async ({ house, tenant, query }) => {
    const items = await first(auditRows(house, searchOf(tenant, query)), query.limit);
    return { items, next: items.length < query.limit ? null : (items.at(-1)?.seq ?? null) };
  },
  exportAudit: async ({ house, tenant, query }) => {
    const [host = 'maestro'] = house.worker.owner.split(':');
    const rows = await first(auditRows(house, searchOf(tenant, query)), query.limit);
    return rows.map((row) => `${AUDIT_FORMATS[query.format](row, host)}\n`).join('');
  },
  checkedEffects: ({ house, tenant }) => policyChecked(house, only(tenant)),
  pruneAudit: async ({ house, body, caller }) => {
    const pruned = await pruneAudit(house, millis(body.before), caller.principal);
    return { pruned: pruned !== undefined, to: pruned?.to ?? 0, events: pruned?.events ?? 0 };
  },
  verifyLog: async ({ house }) => {
    const { ok, ...log } = await verifyLog(house, []);
    const audit = await verifyAudit(house);
    return { ok: ok && audit.ok, ...log, audit };
  },
  rehearsePolicy: ({ house, query }) => {
    const since = millis(query.since ?? Math.max(0, house.clock.now() - 7 * DAY_MS));
    return rehearse({ store: house.store, today: house.policy }, { since });
  },
  exportConfig: async ({ house }) => (await exportFleet(house)).document,
  planConfig: async ({ house, body }) => planDocument(await planFor(house, fleetIn(house, body, BODY))),
  applyConfig: async ({ house, body, caller }) =>
    planDocument(await applyFleet(house, fleetIn(house, body, BODY), caller.principal)),
  rotateMasterKey: async ({ house, caller }) => ({ dataKeys: await rotateMasterKey(house, caller.principal) }),
  eraseTenant: ({ house, tenant, body, caller }) => {
    if (body.confirm !== tenant.id) {
      throw new ApiError('REQUEST_INVALID', `confirm: to erase it for good, repeat its name, ${tenant.id}`);
    }
    return eraseTenant(house, tenant, caller.principal);
  },
};
