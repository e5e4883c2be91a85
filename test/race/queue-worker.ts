import { setTimeout as pause } from 'node:timers/promises';
import { openStore, SqlFairQueue } from '#adapters/sql/index.ts';
import { systemClock } from '#kernel/clock.ts';
import { slotMs } from '#kernel/virtual-time.ts';

// One worker process: claims and settles until nothing waits or runs, and prints each job that it settled.
const [path = '', owner = '', leaseMs = ''] = process.argv.slice(2);
const store = await openStore({ engine: 'sqlite', path });
const queue = new SqlFairQueue({ sql: store.queue, clock: systemClock, estimate: slotMs(10) });
for (;;) {
  const job = await queue.claim({ owner, leaseMs: Number(leaseMs) });
  if (job) {
    await pause(Math.random() * 2);
    if (await queue.settle(job, slotMs(10))) process.stdout.write(`${job.id}\n`);
    continue;
  }
  await queue.expire();
  const busy = (await queue.counts()).some(({ waiting, running }) => waiting + running > 0);
  if (!busy) break;
  await pause(20);
}
await store.close();
