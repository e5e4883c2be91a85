import { setTimeout as pause } from 'node:timers/promises';
import { withBackend } from 'bullmq';
import { createFairBackend } from 'maestro-conductor/bullmq-fair';

const connection = { host: '127.0.0.1', port: Number(process.argv[2] ?? 6379) };
const { Queue, Worker } = withBackend(createFairBackend());

// One tenant floods the queue; another comes later with a few jobs and pays for a larger share.
const queue = new Queue('fair-example', { connection });
await queue.addBulk(Array.from({ length: 500 }, () => ({ name: 'job', data: { tenant: 'flood' } })));
await queue.addBulk(Array.from({ length: 60 }, () => ({ name: 'job', data: { tenant: 'quiet' } })));
await queue.getBackend().setWeight('quiet', 3);

const done = { flood: 0, quiet: 0 };
const worker = new Worker('fair-example', (job) => pause(10).then(() => done[job.data.tenant]++), { connection });
while (done.quiet < 60) await pause(20);
console.log(`quiet: 60 jobs done; flood, with 500 waiting before them: ${done.flood} jobs done meanwhile`);

await worker.close();
await queue.obliterate({ force: true });
await queue.close();
