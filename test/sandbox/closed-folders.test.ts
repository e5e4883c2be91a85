import { expect, it } from 'vitest';
import { asPlainUser, noPlainUser } from '../engines/plain-user.ts';

const PROGRAM = `
  const { mkdir, readdir, writeFile } = await import('node:fs/promises');
  const { systemClock } = await import('#kernel/clock.ts');
  const { systemRandom } = await import('#kernel/random.ts');
  const { detectSandbox } = await import('#adapters/sandbox/index.ts');
  const machine = { clock: systemClock, random: systemRandom, node: process.execPath, searchPath: process.env.PATH };
  const sandbox = await detectSandbox({ ...machine, prefer: 'process' });
  const here = process.env.TMPDIR;
  const [workspace, built] = [here + '/workspace', here + '/built'];
  await mkdir(workspace);
  await mkdir(built);
  await writeFile(built + '/a.js', '');
  const closed = (at) => 'mkdir -p ' + at + '/pkg/mod && echo a > ' + at + '/pkg/mod/a && chmod 555 ' + at + '/pkg/mod';
  const { exitCode } = await sandbox.run(
    {
      ordinal: 1,
      argv: ['sh', '-c', ['"$HOME"', '"$TMPDIR"', 'node_modules'].map(closed).join(' && ')],
      workspace,
      environment: { key: 'k', kind: 'npm', mounts: [{ host: built, at: 'node_modules', scratch: [] }], env: {} },
      readOnly: [],
      env: {},
      limits: { wallMs: 20_000, memoryBytes: 0, processes: 64, outputBytes: 10_000 },
    },
    new AbortController().signal,
  );
  const left = await readdir(here);
  console.log(JSON.stringify({ exitCode, left: left.toSorted(), workspace: await readdir(workspace) }));`;

it('keeps the result of a program that leaves folders which their owner may not write, and leaves none of them', async (context) => {
  const reason = await noPlainUser();
  if (reason !== undefined) return context.skip(reason);

  const ran = await asPlainUser(PROGRAM);

  expect(ran).toEqual({ exitCode: 0, left: ['built', 'workspace'], workspace: [] });
});
