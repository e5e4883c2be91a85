import { millis } from '#kernel/clock.ts';
import { announceWorker, dismissWorker, dropLease, findLease, takeLease } from '#adapters/sql/index.ts';
import { AppError } from '../fault.ts';
import type { House } from '../house.ts';
import { releaseEndedWorkers } from './ended-workers.ts';

const NAME = 'up';

export interface UpLock extends AsyncDisposable {
  /** Tells other commands where this one serves. */
  servesAt(url: string): Promise<void>;
}

/**
 * One `maestro up` a data directory: a lease in SQL, renewed while it runs. A killed one does not block the next on its
 * machine at all, and one elsewhere not for longer than the lease. Throws UP_RUNNING.
 */
export async function lockUp(house: House): Promise<UpLock> {
  const { clock, leaseMs, store } = house;
  const { owner } = house.worker;
  let address: string | undefined;
  const take = async (): Promise<boolean> => {
    const now = clock.now();
    const lease = { name: NAME, owner, until: millis(now + leaseMs), ...(address === undefined ? {} : { address }) };
    return takeLease(store.truth, lease, now);
  };
  await releaseEndedWorkers(house);
  // Known before it holds anything, so that what it held can be taken over however early it is killed.
  const at = clock.now();
  const idle = { slots: house.workers, running: 0, wanted: 'serving', startedAt: at, seenAt: at } as const;
  await announceWorker(store.truth, { ...house.worker, ...idle });
  if (!(await take())) {
    await dismissWorker(store.truth, owner);
    const holder = await findLease(store.truth, NAME, clock.now());
    throw new AppError(
      'UP_RUNNING',
      `"maestro up" runs on this data directory already (${holder?.owner ?? 'unknown'})`,
    );
  }
  const over = new AbortController();
  const renewing = (async (): Promise<void> => {
    while (!over.signal.aborted) {
      await clock.sleep(leaseMs / 3, over.signal).catch(() => undefined);
      if (!over.signal.aborted) await take().catch(() => false);
    }
  })();
  return {
    servesAt: async (url) => {
      address = url;
      await take();
    },
    [Symbol.asyncDispose]: async () => {
      over.abort();
      await renewing;
      await dropLease(store.truth, NAME, owner);
      await dismissWorker(store.truth, owner);
    },
  };
}

/** Where `maestro up` serves on this data directory now, if it does. */
export async function upServesAt(house: House): Promise<string | undefined> {
  const holder = await findLease(house.store.truth, NAME, house.clock.now());
  return holder?.address ?? undefined;
}
