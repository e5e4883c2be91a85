import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TestRedis {
  readonly host: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts a Redis of its own with nothing on disk, on a free port unless it shall be a certain one; without the binary prints a line and gives undefined. */
export async function startRedis(
  options: { readonly port?: number; readonly settings?: readonly string[] } = {},
): Promise<TestRedis | undefined> {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
  } catch {
    console.log('skipped: no Redis');
    return undefined;
  }
  const dir = mkdtempSync(join(tmpdir(), 'maestro-redis-'));
  const port = options.port ?? (await freePort());
  const args = [
    '--port',
    `${port}`,
    '--bind',
    '127.0.0.1',
    '--dir',
    dir,
    '--save',
    '',
    '--appendonly',
    'no',
    ...(options.settings ?? []),
  ];
  const server = spawn('setpriv', ['--pdeathsig', 'KILL', 'redis-server', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  await new Promise<void>((resolve, reject) => {
    let said = '';
    server.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('Ready to accept connections')) resolve();
    });
    server.once('exit', (status) => reject(new Error(`Redis ended with ${status}: ${said}`)));
  });
  return {
    host: '127.0.0.1',
    port,
    stop: async () => {
      const gone = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGKILL');
      await gone;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
