import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';

const MAESTRO = fileURLToPath(new URL('../../bin/maestro.js', import.meta.url));
const EXAMPLE = fileURLToPath(new URL('../../examples/ledger', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the product's own command line on a data directory. Leases are short, so that a takeover takes a second. */
export function maestro(dir: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const short = { MAESTRO_LEASE: '1200ms', MAESTRO_HEARTBEAT: '400ms', MAESTRO_LOG_LEVEL: 'error' };
  const child = spawn(process.execPath, [MAESTRO, ...args, '--data-dir', dir], {
    env: { ...process.env, ...short, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return ended(child);
}

function ended(child: ChildProcess): Promise<Ended> {
  const text = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk: Buffer) => (text.stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (text.stderr += chunk.toString()));
  return new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal, ...text })));
}

export async function must(dir: string, args: readonly string[]): Promise<Ended> {
  const result = await maestro(dir, args);
  if (result.code !== 0) throw new Error(`maestro ${args.join(' ')} ended with ${result.code}: ${result.stderr}`);
  return result;
}

/** A folder for data directories that is gone afterwards. */
export function scratch(): { readonly dir: string; [Symbol.dispose](): void } {
  const dir = mkdtempSync(join(tmpdir(), 'maestro-crash-'));
  return { dir, [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }) };
}

/** A data directory with one tenant, one repository and one task that waits in the queue. */
export async function prepared(dir: string, source: string): Promise<string> {
  cpSync(EXAMPLE, source, { recursive: true });
  const git = (...args: string[]): Promise<Ended> => ended(spawn('git', args, { cwd: source, stdio: 'ignore' }));
  await git('init', '-q', '-b', 'main');
  await git('add', '-A');
  await git('-c', 'user.name=T', '-c', 'user.email=t@localhost', 'commit', '-qm', 'first');
  const data = join(dir, 'prepared');
  await must(data, ['tenant', 'add', 'one', '--budget-usd', '5']);
  await must(data, ['repo', 'add', '--tenant', 'one', '--name', 'ledger', source]);
  const task = ['--recipe', 'rename-api', '--param', 'from=Book.accountBalance', '--param', 'to=balanceOf'];
  await must(data, ['submit', '--tenant', 'one', '--repo', 'ledger', ...task]);
  return data;
}

/** Names of the steps that a journal holds, in order. */
export function stepsOf(data: string): readonly string[] {
  return rows<{ name: string }>(data, 'select name from step order by started_at, seq').map(({ name }) => name);
}

export function rows<T>(data: string, query: string): readonly T[] {
  const db = new DatabaseSync(join(data, 'maestro.db'), { readOnly: true });
  try {
    return db.prepare(query).all() as T[];
  } finally {
    db.close();
  }
}
