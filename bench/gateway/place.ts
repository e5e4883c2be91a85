import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const MAESTRO = fileURLToPath(new URL('../../bin/maestro.js', import.meta.url));
const run = promisify(execFile);

/** A program of its own that tells its address in its first line. */
export interface Program {
  readonly url: string;
  readonly pid: number;
  /** SIGKILL: it gets no chance to tidy up. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export async function startProgram(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Program> {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = await firstLine(child);
  const { url } = JSON.parse(line) as { url: string };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  };
  return { url, pid: child.pid ?? 0, kill: () => end('SIGKILL'), stop: () => end('SIGTERM') };
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('no output to read');
  for await (const line of createInterface({ input: child.stdout })) {
    child.stdout.resume();
    return line;
  }
  throw new Error('a program ended before it was ready');
}

/** A data directory with tenants, and `maestro` on it. */
export class Place implements Disposable {
  readonly dir = mkdtempSync(join(tmpdir(), 'maestro-gateway-'));
  readonly #env: NodeJS.ProcessEnv;

  constructor(env: NodeJS.ProcessEnv = {}) {
    this.#env = { MAESTRO_DATA_DIR: join(this.dir, 'data'), ...env };
  }

  file(name: string, content: string): string {
    const path = join(this.dir, name);
    mkdirSync(join(this.dir, 'data'), { recursive: true });
    writeFileSync(path, content);
    return path;
  }

  async maestro<T>(...args: readonly string[]): Promise<T> {
    const { stdout } = await run(process.execPath, [MAESTRO, ...args, '--json'], {
      env: { ...process.env, ...this.#env },
    });
    return JSON.parse(stdout) as T;
  }

  serve(...args: readonly string[]): Promise<Program> {
    return startProgram([MAESTRO, ...args], this.#env);
  }

  /** Token of a new key. */
  async key(tenant: string, ...args: readonly string[]): Promise<string> {
    return (await this.maestro<{ token: string }>('gateway', 'key', 'add', '--tenant', tenant, ...args)).token;
  }

  get database(): string {
    return join(this.dir, 'data', 'maestro.db');
  }

  [Symbol.dispose](): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}
