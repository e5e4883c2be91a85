import { AppError } from '../fault.ts';
import type { House } from '../house.ts';

const KEY = 'up';

/**
 * One `maestro up` a data directory: a lease in SQL, renewed while it runs, so that a crashed one does not block the next
 * for longer than the lease. Throws UP_RUNNING.
 */
export async function lockUp(house: House): Promise<AsyncDisposable> {
  const { clock, leaseMs, worker, store } = house;
  const take = async (): Promise<boolean> => {
    const now = clock.now();
    const taken = await store.truth.run(
      `insert into lease (name, owner, until_at) values ($1, $2, $3)
       on conflict (name) do update set owner = excluded.owner, until_at = excluded.until_at
       where lease.until_at < $4 or lease.owner = excluded.owner`,
      KEY,
      worker.owner,
      now + leaseMs,
      now,
    );
    return taken === 1;
  };
  if (!(await take())) {
    const [holder] = await store.truth.all<{ owner: string }>('select owner from lease where name = $1', KEY);
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
    [Symbol.asyncDispose]: async () => {
      over.abort();
      await renewing;
      await store.truth.run('delete from lease where name = $1 and owner = $2', KEY, worker.owner);
    },
  };
}
