import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAESTRO = fileURLToPath(new URL('../../bin/maestro.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line as people run it; never without a data directory of its own. */
export function maestro(dir: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return run(process.execPath, [MAESTRO, ...args, '--data-dir', dir], { env: { ...process.env, ...env } });
}

/** As `maestro`, with `--json`, the document read. */
export async function json<T>(dir: string, args: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await maestro(dir, [...args, '--json']);
  if (stdout === '') throw new Error(`maestro ${args.join(' ')} ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as T;
}

export function run(
  program: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Ended> {
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const text = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (text.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text.stderr += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...text }));
  });
}

/** A folder that is gone afterwards. */
export function scratch(): { readonly dir: string; [Symbol.dispose](): void } {
  const dir = mkdtempSync(join(tmpdir(), 'maestro-e2e-'));
  return { dir, [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }) };
}

/** A git repository with one commit of these files. */
export async function repository(dir: string, files: { readonly [path: string]: string }): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  const git = (...args: readonly string[]): Promise<Ended> =>
    run('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', ...args], { cwd: dir });
  await git('init', '-q', '-b', 'main');
  await git('add', '-A');
  await git('commit', '-qm', 'first');
  return dir;
}

/** A small repository whose tests pass. */
export const GREETING = {
  'package.json': '{ "name": "greeting", "type": "module", "scripts": { "test": "node --test" } }\n',
  'src/greet.js': 'export function greet(name) {\n  return `Hello, ${name}`;\n}\n',
  'test/greet.test.js':
    "import assert from 'node:assert/strict';\nimport { test } from 'node:test';\nimport { greet } from '../src/greet.js';\n\ntest('greets', () => {\n  assert.equal(greet('Ada'), 'Hello, Ada');\n});\n",
};
