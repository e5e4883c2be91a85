import { listWorkers } from '#adapters/sql/index.ts';
import type { WorkerRecord } from '#domain/worker.ts';
import type { House } from '../house.ts';

/** The workers that gave a sign of life within a lease, and take tasks. */
export async function servingWorkers({ store, clock, leaseMs }: House): Promise<readonly WorkerRecord[]> {
  const since = clock.now() - leaseMs;
  return (await listWorkers(store.truth)).filter(({ seenAt, wanted }) => seenAt >= since && wanted === 'serving');
}

/** Tasks that the fleet can run at the same time; before the first worker has said that it lives, as many as this process would. */
export async function fleetSlots(house: House): Promise<number> {
  const serving = await servingWorkers(house);
  return serving.length === 0 ? house.workers : serving.reduce((sum, { slots }) => sum + slots, 0);
}
