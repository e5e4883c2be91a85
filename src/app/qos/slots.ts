import { listWorkers } from '#adapters/sql/index.ts';
import type { House } from '../house.ts';

/** Tasks that the fleet can run at the same time: the slots of all workers that live and serve; before the first has said so, those of this process. */
export async function fleetSlots({ store, clock, leaseMs, workers }: House): Promise<number> {
  const known = await listWorkers(store.truth);
  const since = clock.now() - leaseMs;
  const serving = known.filter(({ seenAt, wanted }) => seenAt >= since && wanted === 'serving');
  return serving.length === 0 ? workers : serving.reduce((sum, { slots }) => sum + slots, 0);
}
