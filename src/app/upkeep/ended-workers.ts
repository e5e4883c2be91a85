import { hasEnded } from '#adapters/machine/index.ts';
import { endWorker, listWorkers } from '#adapters/sql/index.ts';
import type { House } from '../house.ts';
import { expireLeases } from './expired-leases.ts';

/**
 * Takes from workers of this machine whose process was killed what they held, so that their tasks go on at once and not
 * only after a lease. Workers of other machines keep theirs until it has passed.
 */
export async function releaseEndedWorkers(house: House): Promise<void> {
  const { store, clock, log, worker } = house;
  const ended = (await listWorkers(store.truth)).filter(({ owner, mark }) => owner !== worker.owner && hasEnded(mark));
  if (ended.length === 0) return;
  await house.endOrphans(); // what it had started must not work beside what takes over
  for (const { owner } of ended) {
    await store.truth.tx((tx) => endWorker(tx, owner, clock.now()));
    log.log('warn', 'a worker was killed; what it held is taken over', { worker: owner });
  }
  await expireLeases(house);
}
