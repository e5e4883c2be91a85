import { expect, it } from 'vitest';
import { asPlainUser, noPlainUser } from '../engines/plain-user.ts';

const PROGRAM = `
  const { chmod, mkdir, readdir, writeFile } = await import('node:fs/promises');
  const { systemClock } = await import('#kernel/clock.ts');
  const { systemRandom } = await import('#kernel/random.ts');
  const { emptyFolder } = await import('#adapters/files/remove-tree.ts');
  const { detectSandbox } = await import('#adapters/sandbox/index.ts');
  const machine = { clock: systemClock, random: systemRandom, node: process.execPath, searchPath: process.env.PATH };
  const sandbox = await detectSandbox({ ...machine, prefer: 'process' });
  const here = process.env.TMPDIR;
  const [workspace, built] = [here + '/workspace', here + '/built'];
  await mkdir(workspace + '/app', { recursive: true });
  await mkdir(built);
  await writeFile(built + '/a.js', '');
  const closed = (at) => 'mkdir -p ' + at + '/pkg/mod && echo a > ' + at + '/pkg/mod/a && chmod 555 ' + at + '/pkg/mod';
  const command = {
    ordinal: 1,
    argv: ['sh', '-c', ['"$HOME"', '"$TMPDIR"', 'app/node_modules'].map(closed).join(' && ') + ' && chmod 555 app .'],
    workspace,
    environment: { key: 'k', kind: 'npm', mounts: [{ host: built, at: 'app/node_modules', scratch: [] }], env: {} },
    readOnly: [],
    env: {},
    limits: { wallMs: 20_000, memoryBytes: 0, processes: 64, outputBytes: 10_000 },
  };
  const codes = [];
  for (let runs = 0; runs < 2; runs++) codes.push((await sandbox.run(command, new AbortController().signal)).exitCode);
  const left = await readdir(here);
  const app = await readdir(workspace + '/app');
  await chmod(workspace, 0o555);
  await emptyFolder(workspace);
  console.log(JSON.stringify({ codes, left: left.toSorted(), app, emptied: await readdir(workspace) }));`;

it('keeps the result of a program that leaves folders which their owner may not write, and leaves none of them', async (context) => {
  const reason = await noPlainUser();
  if (reason !== undefined) return context.skip(reason);

  const ran = await asPlainUser(PROGRAM);

  expect(ran).toEqual({ codes: [0, 0], left: ['built', 'workspace'], app: [], emptied: [] });
});
