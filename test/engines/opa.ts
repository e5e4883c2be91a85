import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { OPA_VERSION } from '#adapters/opa-wasm/index.ts';

const run = promisify(execFile);
const BUILD_MS = 900_000;

/**
 * The opa binary of the pinned version: from the PATH, or built from its published Go module, once a machine (minutes).
 * Undefined, with a printed line, where there is neither.
 */
export async function opaBinary(): Promise<string | undefined> {
  if (await isPinned('opa')) return 'opa';
  const kept = join(tmpdir(), `maestro-opa-${OPA_VERSION}`);
  const binary = join(kept, 'opa');
  if (await isPinned(binary)) return binary;
  const version = await run('go', ['version']).catch(() => undefined);
  if (version === undefined) {
    console.log('skipped: no opa (and no Go to build it)');
    return undefined;
  }
  mkdirSync(kept, { recursive: true });
  await using _lock = await lock(join(kept, 'building'));
  if (!(await isPinned(binary))) await build(binary);
  return binary;
}

async function isPinned(binary: string): Promise<boolean> {
  const said = await run(binary, ['version']).catch(() => undefined);
  return said?.stdout.includes(`Version: ${OPA_VERSION}\n`) === true;
}

async function build(binary: string): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'maestro-go-'));
  const env = {
    ...process.env,
    GOPATH: scratch,
    GOBIN: join(scratch, 'bin'),
    GOFLAGS: '-modcacherw',
    CGO_ENABLED: '0',
  };
  try {
    const args = ['install', '-trimpath', `github.com/open-policy-agent/opa@v${OPA_VERSION}`];
    await run('go', args, { env, cwd: scratch, timeout: BUILD_MS });
    renameSync(join(scratch, 'bin', 'opa'), binary);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Test files run in processes of their own; one builds, the others wait. A lock of a process that died is taken over. */
async function lock(path: string): Promise<AsyncDisposable> {
  for (;;) {
    try {
      mkdirSync(path);
      return { [Symbol.asyncDispose]: () => Promise.resolve(rmSync(path, { recursive: true, force: true })) };
    } catch {
      const old = existsSync(path) && Date.now() - statSync(path).mtimeMs > BUILD_MS;
      if (old) rmSync(path, { recursive: true, force: true });
      else await delay(1000);
    }
  }
}

export interface TestOpa {
  readonly url: string;
  /** Dies at once, as if the machine had. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a server on a free port and waits until its bundles are loaded. */
export async function startOpa(binary: string, args: readonly string[]): Promise<TestOpa> {
  const url = `http://127.0.0.1:${await freePort()}`;
  const log = ['--log-level', 'error', '--disable-telemetry', '--set', 'decision_logs.console=true'];
  const serve = ['run', '--server', '--addr', url.slice('http://'.length), ...log, ...args];
  const server = spawn(binary, serve, { stdio: 'ignore' });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const gone = new Promise((resolve) => server.once('exit', resolve));
    server.kill(signal);
    await gone;
  };
  await ready(server, url);
  return { url, kill: () => end('SIGKILL'), stop: () => end('SIGTERM') };
}

async function ready(server: ChildProcess, url: string): Promise<void> {
  for (let i = 0; i < 600; i++) {
    if (server.exitCode !== null) throw new Error(`opa ended with ${server.exitCode}`);
    const health = await fetch(`${url}/health?bundles`).catch(() => undefined);
    if (health?.status === 200) return;
    await delay(50);
  }
  throw new Error('opa did not start');
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
