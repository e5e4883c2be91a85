import { millis } from '#kernel/clock.ts';
import { dropLease, findLease, takeLease } from '#adapters/sql/index.ts';
import { AppError } from '../fault.ts';
import type { House } from '../house.ts';

const NAME = 'up';

export interface UpLock extends AsyncDisposable {
  /** Tells other commands where this one serves. */
  servesAt(url: string): Promise<void>;
}

/**
 * One `maestro up` a data directory: a lease in SQL, renewed while it runs, so that a crashed one does not block the next
 * for longer than the lease. Throws UP_RUNNING.
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
  if (!(await take())) {
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
    },
  };
}

/** Where `maestro up` serves on this data directory now, if it does. */
export async function upServesAt(house: House): Promise<string | undefined> {
  const holder = await findLease(house.store.truth, NAME, house.clock.now());
  return holder?.address ?? undefined;
}
