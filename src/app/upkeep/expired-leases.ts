import { appendEvent, tenantOfTask } from '#adapters/sql/index.ts';
import { SYSTEM } from '../governance/principals.ts';
import type { House } from '../house.ts';

/** A worker that gave no sign of life loses its jobs: they go back to their places, and whoever claims them carries their runs on. */
export async function expireLeases({ queue, store, clock, log }: House): Promise<void> {
  for (const task of await queue.expire()) {
    log.log('warn', 'a lease expired', { task });
    await store.truth.tx(async (tx) => {
      const tenant = await tenantOfTask(tx, task);
      if (tenant === undefined) return;
      await appendEvent(tx, clock.now(), { type: 'lease.expired', tenant, task, by: SYSTEM, data: {} });
    });
  }
}
