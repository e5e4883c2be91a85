import { mkdir, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '#kernel/clock.ts';

const LEASE_MS = 30_000;
const RENEW_MS = 10_000;
const POLL_MS = 250;

/** The right to do something alone, among all processes on one data directory. */
export interface Lease extends AsyncDisposable {
  /** Aborted when the lease was lost, because this process slept for longer than it lasts. */
  readonly lost: AbortSignal;
}

/**
 * Waits until nobody holds the lease. Each holder has a file of its own number in `folder`, touched as long as it
 * lives; once the last one is old, whoever makes the next number first holds the lease. So no file is ever taken from
 * its owner, and two can never both think that they took over.
 */
export async function acquireLease(folder: string, clock: Clock, signal: AbortSignal): Promise<Lease> {
  await mkdir(folder, { recursive: true });
  for (;;) {
    const last = await lastHolder(folder);
    if (last === undefined || last.touchedAt + LEASE_MS <= clock.now()) {
      const number = (last?.number ?? 0) + 1;
      if (await claim(join(folder, String(number)))) return hold(folder, number, clock);
    }
    await clock.sleep(POLL_MS, signal);
  }
}

interface Holder {
  readonly number: number;
  /** Ms since the epoch. */
  readonly touchedAt: number;
}

async function lastHolder(folder: string): Promise<Holder | undefined> {
  const numbers = (await readdir(folder)).filter((name) => /^\d+$/.test(name)).map(Number);
  if (numbers.length === 0) return undefined;
  const number = Math.max(...numbers);
  const found = await stat(join(folder, String(number))).catch(() => undefined);
  // One that was given back in this moment counts as held, until it is looked for again.
  return { number, touchedAt: found?.mtimeMs ?? Number.POSITIVE_INFINITY };
}

async function claim(path: string): Promise<boolean> {
  return writeFile(path, '', { flag: 'wx' }).then(
    () => true,
    () => false,
  );
}

function hold(folder: string, number: number, clock: Clock): Lease {
  const lost = new AbortController();
  const given = new AbortController();
  const renew = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(RENEW_MS, given.signal);
      if ((await lastHolder(folder))?.number !== number) throw new Error('another process took over the lease');
      const now = clock.now() / 1000;
      await utimes(join(folder, String(number)), now, now);
    }
  };
  // Also when it was given back; then nobody listens any more.
  renew().catch((why: unknown) => lost.abort(why));
  return {
    lost: lost.signal,
    [Symbol.asyncDispose]: async () => {
      given.abort();
      await rm(join(folder, String(number)), { force: true });
    },
  };
}
