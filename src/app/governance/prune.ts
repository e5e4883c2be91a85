import { appendEvent } from '#adapters/sql/index.ts';
import type { Principal } from '#domain/action.ts';
import { EVERYWHERE } from '#domain/grant.ts';
import type { AuditPruned } from '#evidence/index.ts';
import { type Millis, millis } from '#kernel/clock.ts';
import { platform } from '../access/platform.ts';
import type { House } from '../house.ts';
import { perform } from '../perform.ts';
import { SYSTEM } from './principals.ts';

/**
 * Drops events and decisions from before a time from the audit log, as far as their tasks have ended; what is gone is signed,
 * so that the rest verifies. Undefined when there is nothing to drop.
 */
export async function pruneAudit(house: House, before: Millis, by: Principal): Promise<AuditPruned | undefined> {
  await house.sealAudit();
  const tenant = platform(house);
  const resource = { kind: 'audit-log', id: 'audit', attributes: { before } };
  return perform(house, { name: 'audit.prune', principal: by, tenant, resource }, async (tx) => {
    const pruned = await house.pruneAudit(tx, before);
    if (pruned === undefined) return undefined;
    const { to, hash, events } = pruned;
    const told = { type: 'audit.pruned', tenant: tenant.id, by: by.id, data: { to, hash, events } } as const;
    await appendEvent(tx, house.clock.now(), told);
    return pruned;
  });
}

/** Does what the administrator of the machine has set: `audit.keep`. */
export async function keepAudit(house: House): Promise<void> {
  if (house.auditKeepMs === undefined) return;
  const administrator = { role: 'platform-admin', tenant: EVERYWHERE } as const;
  const by: Principal = { id: SYSTEM, kind: 'service', grants: [administrator] };
  await pruneAudit(house, millis(Math.max(0, house.clock.now() - house.auditKeepMs)), by);
}
