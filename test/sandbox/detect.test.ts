import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findProgram } from '#adapters/sandbox/find-program.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PATH = process.env['PATH'] ?? '';
const isRoot = process.getuid?.() === 0;
const hasBwrap = (await findProgram('bwrap', PATH)) !== undefined;
if (!hasBwrap) console.log('skipped: no bubblewrap that could be tried');

const DETECT = `
  const { systemClock } = await import('#kernel/clock.ts');
  const { systemRandom } = await import('#kernel/random.ts');
  const { detectSandbox } = await import('#adapters/sandbox/index.ts');
  const machine = { clock: systemClock, random: systemRandom, node: process.execPath, searchPath: process.env.PATH };
  const { EMPTY_ENVIRONMENT: environment } = await import('#domain/environment.ts');
  const sandbox = await detectSandbox(machine);
  const limits = { wallMs: 20_000, memoryBytes: 0, processes: 64, outputBytes: 1000 };
  const command = { ordinal: 1, argv: ['true'], workspace: '/', environment, readOnly: [], env: {}, limits };
  const ended = await sandbox.run(command, new AbortController().signal).catch((fault) => fault);
  const { kind, warnings } = sandbox.profile;
  console.log(JSON.stringify({ kind, why: warnings[0], ended: ended.code ?? ended.exitCode }));`;

async function detected(env: Readonly<Record<string, string>>, through: readonly string[] = []): Promise<unknown> {
  const argv = [...through, process.execPath, '--input-type=module', '-e', DETECT];
  const ran = await promisify(execFile)(argv[0]!, argv.slice(1), { cwd: ROOT, env: { PATH, ...env } });
  return JSON.parse(ran.stdout);
}

describe.skipIf(!hasBwrap)('where bubblewrap cannot even be tried', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'detect-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('falls back to plain processes and says that there is no folder for temporary files', async () => {
    const missing = join(folder, 'missing');

    const profile = await detected({ TMPDIR: missing });

    expect(profile).toEqual({
      kind: 'process',
      why: expect.stringContaining(`no folder can be made in ${missing}, which is for temporary files: ENOENT`),
      ended: 'TEMP_FOLDER_UNUSABLE',
    });
  });

  it('is refused where walls are required', async () => {
    const env = { PATH, HOME: folder, TMPDIR: join(folder, 'missing'), MAESTRO_SANDBOX_MODE: 'require' };
    const args = ['bin/maestro.js', 'start', '--exit', '--data-dir', await mkdtemp(join(folder, 'data-'))];

    const refused: unknown = await promisify(execFile)(process.execPath, args, { cwd: ROOT, env }).catch(
      (fault: unknown) => fault,
    );

    expect(refused).toMatchObject({ code: 4, stderr: expect.stringMatching(/SANDBOX_REQUIRED.*missing/) });
  });

  it.skipIf(!isRoot)('falls back where root may not give files away, and leaves nothing behind', async () => {
    const without = ['setpriv', '--bounding-set=-chown', '--inh-caps=-chown', '--'];

    const profile = await detected({ TMPDIR: folder }, without);

    expect(profile).toEqual({ kind: 'process', why: expect.stringContaining('EPERM'), ended: 0 });
    expect((await readdir(folder)).filter((name) => name.startsWith('maestro-'))).toEqual([]);
  });
});
