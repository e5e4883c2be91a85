import {
  appendEvent,
  eraseTenant as eraseRows,
  erasedOrdinal,
  erasedTenants,
  isRunOf,
  newestTasks,
  readAllEvents,
  scrub,
} from '#adapters/sql/index.ts';
import type { Principal } from '#domain/action.ts';
import type { TenantId } from '#domain/ids.ts';
import { ENDED, TASK_STATES } from '#domain/task.ts';
import type { Tenant } from '#domain/tenant.ts';
import { prunedSoFar } from '#evidence/index.ts';
import type { Tx } from '#kernel/sql.ts';
import { AppError } from '../fault.ts';
import type { House } from '../house.ts';
import { perform } from '../perform.ts';

const PAGE = 1000;

export type ErasedTenant = {
  readonly tenant: string;
  readonly rows: number;
  readonly events: number;
  readonly statements: number;
};

/**
 * Erases a tenant for good: its rows, the contents of its events and evidence, its repositories. What stays are sums of
 * money and hashes, so that the log can still be verified. Its data key is shredded, so that copies made before cannot be
 * read either. Throws TENANT_BUSY while it has work.
 */
export async function eraseTenant(house: House, tenant: Tenant, by: Principal): Promise<ErasedTenant> {
  await requireIdle(house.store.truth, tenant); // the queue may have lost what it had; the tasks tell
  const removal = await house.queue.removeTenant(tenant.id);
  if (removal.kind === 'has_work') {
    const { waiting, running } = removal;
    throw new AppError('TENANT_BUSY', `${tenant.id} has ${waiting} tasks waiting and ${running} running`);
  }
  await house.sealAudit(); // what is emptied must stand in the chain by its digest
  const request = {
    name: 'tenant.erase',
    principal: by,
    tenant,
    resource: { kind: 'tenant', id: tenant.id, attributes: {} },
  } as const;
  const erased = await perform(house, request, async (tx, decision) => {
    await requireIdle(tx, tenant);
    await eraseWorkspaces(house, tx, tenant.id); // while the rows still tell whose they are
    const at = house.clock.now();
    const { leaves, events, rows } = await eraseRows(tx, tenant, at);
    const data = { decision: decision.id, leaves, events, rows };
    await appendEvent(tx, at, { type: 'tenant.erased', tenant: tenant.id, by: by.id, data });
    return { tenant: tenant.id, rows, events, statements: leaves.length };
  });
  await eraseFiles(house, tenant);
  await house.sealAudit();
  return erased;
}

/** What killed workers left: none of its runs is open any more. */
async function eraseWorkspaces({ workspaces }: House, tx: Tx, id: TenantId): Promise<void> {
  for (const run of await workspaces.list()) {
    if (await isRunOf(tx, run, id)) await workspaces.remove(run);
  }
}

async function requireIdle(tx: Tx, { id }: Tenant): Promise<void> {
  const states = TASK_STATES.filter((state) => !ENDED.includes(state));
  const open = await newestTasks(tx, { tenant: id, states, limit: PAGE });
  if (open.length === 0) return;
  const message = `${id} has ${open.length} tasks that have not ended, the last of them ${open[0]?.id}`;
  throw new AppError('TENANT_BUSY', message, {
    details: { tenant: id, tasks: open.slice(0, 20).map((task) => task.id) },
  });
}

/** What a crash in an erasure left of any tenant on this machine goes. */
export async function finishErasures(house: House): Promise<void> {
  for (const tenant of await erasedTenants(house.store.truth)) {
    await eraseFiles(house, tenant).catch((error: unknown) => {
      house.log.log('error', 'an erasure was not finished', { tenant: tenant.id, error: String(error) });
    });
  }
}

/** The same for one tenant when it is asked for again; false when none of this name was erased. */
export async function finishErasure(house: House, id: TenantId): Promise<boolean> {
  const ordinal = await erasedOrdinal(house.store.truth, id);
  if (ordinal === undefined) return false;
  await eraseFiles(house, { id, ordinal });
  return true;
}

async function eraseFiles(house: House, tenant: Pick<Tenant, 'id' | 'ordinal'>): Promise<void> {
  house.dataKeys.shred(tenant.id);
  await house.removeTenantFolders(tenant);
  await scrub(house.store.truth);
}

/** Leaves of the transparency log whose statements an erasure has emptied. */
export async function erasedLeaves(house: House): Promise<ReadonlySet<number>> {
  const pruned = await house.store.truth.tx((tx) => prunedSoFar(tx, house.evidence));
  const leaves = new Set(pruned?.erased.flatMap((each) => each.leaves));
  for (let after = 0; ;) {
    const page = await readAllEvents(house.store.truth, { type: 'tenant.erased', after, limit: PAGE });
    for (const { data } of page) {
      if (!Array.isArray(data['leaves'])) continue;
      for (const leaf of data['leaves']) if (typeof leaf === 'number') leaves.add(leaf);
    }
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return leaves;
    after = last.seq;
  }
}
