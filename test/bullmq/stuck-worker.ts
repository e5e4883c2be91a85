import { withBackend } from 'bullmq';
import { createFairBackend } from '#adapters/bullmq/fair.ts';

// A worker that takes five jobs and never ends them, to be killed.
const [name = '', port = ''] = process.argv.slice(2);
const { Worker } = withBackend(createFairBackend());
const connection = { host: '127.0.0.1', port: Number(port) };
const forever = new Promise<never>(() => undefined);
const worker = new Worker(name, () => forever, { connection, concurrency: 5, lockDuration: 500, stalledInterval: 200 });
await worker.waitUntilReady();
setInterval(() => undefined, 1000);
