import { generateKeyPairSync } from 'node:crypto';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../e2e/maestro.ts';
import { cosignProgram } from '../evidence/others.ts';

const MAESTRO = join(import.meta.dirname, '..', '..', 'bin', 'maestro.js');
const cosign = cosignProgram();
if (cosign === undefined) console.log('skipped: cosign is not installed (COSIGN names it)');
const GUIDE = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'plugins.md'), 'utf8');

/** One command of the guide as an author types it, in a folder of its own; what it prints for programs. */
async function runCommand(line: string, folder: string): Promise<unknown> {
  const [, ...args] = line.split(' ');
  const { code, stdout, stderr } = await run(process.execPath, [MAESTRO, ...args, '--json'], { cwd: folder });
  if (code !== 0) throw new Error(`${line} ended with ${code}: ${stdout}${stderr}`);
  return JSON.parse(stdout);
}

test('every command of the author guide works in order, in less than ten minutes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'guide-'));
  const lines = [...GUIDE.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) => block.trim().split('\n'));
  const started = Date.now();
  const answers = new Map<string, unknown>();

  for (const line of lines) answers.set(line.split(' ')[2] ?? '', await runCommand(line, folder));

  expect(Date.now() - started).toBeLessThan(600_000);
  expect(answers.get('build')).toMatchObject({ ok: true, reasons: [] });
  expect(answers.get('profile')).toMatchObject({ output: '{"words":3}' });
  expect(answers.get('verify')).toMatchObject({ ok: true });
  expect(answers.get('search')).toMatchObject([{ name: 'acme.word-count' }]);
  expect(answers.get('install')).toMatchObject({ ok: true, id: 'acme.word-count', more: [], less: [] });
  expect(answers.get('list')).toContainEqual(expect.objectContaining({ id: 'acme.word-count' }));
  expect(answers.get('run')).toMatchObject({ ok: true, output: { words: 3 } });
  await expect(runCommand('maestro plugin verify word-count', folder)).rejects.toThrow(/ended with 1: .*KEY_REVOKED/);
  const [, check = ''] = /^cosign (.*)$/m.exec(GUIDE) ?? [];
  if (cosign !== undefined) {
    expect(await run(cosign, check.split(' '), { cwd: folder })).toMatchObject({ code: 0 });
    appendFileSync(join(folder, 'word-count/built/module.wasm'), 'x');
    expect(await run(cosign, check.split(' '), { cwd: folder })).toMatchObject({ code: 1 });
  }
  rmSync(folder, { recursive: true });
});

test('where nobody can be asked, a plugin is not installed without --yes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'approve-'));
  await runCommand('maestro tenant add atlas', folder);

  const install = runCommand('maestro plugin install plugin.code-search --tenant atlas', folder);
  await expect(install).rejects.toThrow(/ended with 3: .*NOT_APPROVED/);
  rmSync(folder, { recursive: true });
});

test('neither a private key nor a publisher that nobody knows changes whom this installation believes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'trust-'));
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(join(folder, 'acme.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));

  const trust = runCommand('maestro plugin trust acme --namespace acme. --key acme.pem', folder);
  await expect(trust).rejects.toThrow(/ended with 2: .*PUBLISHER_KEY_INVALID/);
  await expect(runCommand('maestro plugin distrust acme', folder)).rejects.toThrow(/ended with 2: .*PUBLISHER_UNKNOWN/);
  rmSync(folder, { recursive: true });
});
