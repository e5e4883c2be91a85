import { chownSync } from 'node:fs';
import { detectSandbox } from '#adapters/sandbox/index.ts';
import { EMPTY_ENVIRONMENT } from '#domain/environment.ts';
import { systemClock } from '#kernel/clock.ts';
import { systemRandom } from '#kernel/random.ts';

// A stand-in for a worker: runs `sleep` in a sandbox until it is killed.
const [prefer = 'auto', workspace = ''] = process.argv.slice(2);
const sandbox = await detectSandbox({
  clock: systemClock,
  random: systemRandom,
  node: process.execPath,
  searchPath: process.env['PATH'] ?? '',
  prefer: prefer === 'process' ? 'process' : 'auto',
});
const user = sandbox.userOf(1);
if (user !== undefined) chownSync(workspace, user, user);
const limits = { wallMs: 60_000, memoryBytes: 0, processes: 64, outputBytes: 1000 };
process.stdout.write('ready\n');
await sandbox.run(
  { ordinal: 1, argv: ['sleep', '57'], workspace, environment: EMPTY_ENVIRONMENT, readOnly: [], env: {}, limits },
  new AbortController().signal,
);
