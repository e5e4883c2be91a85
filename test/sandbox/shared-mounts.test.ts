import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { detectSandbox } from '#adapters/sandbox/index.ts';
import { systemClock } from '#kernel/clock.ts';
import { systemRandom } from '#kernel/random.ts';

const dir = mkdtempSync(join(tmpdir(), 'shared-mounts-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const [workspace, built] = [join(dir, 'workspace'), join(dir, 'built')];
const limits = { wallMs: 20_000, memoryBytes: 0, processes: 64, outputBytes: 10_000 };
const environment = {
  key: 'k',
  kind: 'npm',
  mounts: [{ host: built, at: 'node_modules', scratch: [] }],
  env: {},
} as const;

it('without walls, programs at work in one workspace share its packages, and the last one takes them away', async () => {
  for (const folder of [workspace, built]) mkdirSync(folder);
  writeFileSync(join(built, 'a.js'), '');
  const machine = {
    clock: systemClock,
    random: systemRandom,
    node: process.execPath,
    searchPath: process.env['PATH'] ?? '',
  };
  const sandbox = await detectSandbox({ ...machine, prefer: 'process' });
  const shell = (line: string) =>
    sandbox.run(
      { ordinal: 1, argv: ['sh', '-c', line], workspace, environment, readOnly: [], env: {}, limits },
      new AbortController().signal,
    );

  const long = shell(
    'while test ! -f go; do test -f node_modules/a.js || exit 7; sleep 0.02; done; test -f node_modules/a.js',
  );
  const short = await Promise.all(Array.from({ length: 5 }, () => shell('test -f node_modules/a.js')));
  writeFileSync(join(workspace, 'go'), '');

  expect(short.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0, 0]);
  expect((await long).exitCode).toBe(0);
  expect(readdirSync(workspace)).toEqual(['go']);
});
