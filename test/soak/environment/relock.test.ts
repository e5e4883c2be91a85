import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { environmentsIn, readNpmSettings } from '#adapters/environment/index.ts';
import { gitLineMerger } from '#adapters/git-merge/index.ts';
import { GitTrees } from '#adapters/git/trees.ts';
import { detectSandbox } from '#adapters/sandbox/index.ts';
import { forwarderCommand } from '#app/programs/forwarder-command.ts';
import type { Repository } from '#domain/repository.ts';
import { systemClock } from '#kernel/clock.ts';
import { systemRandom } from '#kernel/random.ts';
import { newPins } from '#train/lock-pins.ts';
import { commitInBare, openPlace } from '../../git/place.ts';
import { repository, scratchFolder } from '../../git/scratch.ts';

// The real package managers, fetched from the registry that npm is set to; without it there is nothing to see.

const folder = scratchFolder();
const place = await openPlace(join(folder.dir, 'data'));
const machine = { clock: systemClock, random: systemRandom, node: process.execPath };
const searchPath = process.env['PATH'] ?? '';
const sandbox = await detectSandbox({ ...machine, searchPath });
const npm = await readNpmSettings({
  searchPath,
  home: process.env['HOME'] ?? '/',
  extraCa: process.env['NODE_EXTRA_CA_CERTS'],
});
const isReached = await fetch(new URL('is-number', npm.registry)).then(
  ({ ok }) => ok,
  () => false,
);
if (!isReached) console.log('skipped: the registry cannot be reached');
const environments = environmentsIn({
  git: place.git,
  trees: new GitTrees({ git: place.git, root: join(folder.dir, 'trees'), userOf: (of) => sandbox.userOf(of) }),
  clock: systemClock,
  root: join(folder.dir, 'environments'),
  sandbox,
  forwarder: forwarderCommand(),
  npm,
  allowHosts: [],
  installScripts: [],
  limits: { wallMs: 300_000, memoryBytes: 4 << 30, processes: 256, outputBytes: 1_000_000 },
  stallMs: 120_000,
  progress: () => undefined,
});
afterAll(async () => {
  await place.store.close();
  folder[Symbol.dispose]();
});

/** The lock file that the manager makes of these two files. */
async function lockOf(repo: Repository, path: string, manifest: string, lock: string, ours = ''): Promise<string> {
  const commit = await commitInBare(place, repo.id, repo.head, { 'package.json': manifest, [path]: lock });
  const repoDir = place.repoDir(repo.id);
  const tree = await place.objects.treeOf(repoDir, commit);
  const made = await environments.remakeLock({ ordinal: 9, repoDir, tree, path, ours }, AbortSignal.timeout(300_000));
  if (made.kind === 'cannot') throw new Error(made.why);
  return made.text;
}

describe.runIf(isReached)('a lock file with conflict markers', () => {
  it.each([
    ['npm', 'package-lock.json', undefined],
    ['pnpm', 'pnpm-lock.yaml', 'pnpm@9.15.9'],
    ['yarn 1', 'yarn.lock', 'yarn@1.22.22'],
    ['yarn 4', 'yarn.lock', 'yarn@4.9.2'],
  ])(
    'is made anew by %s with what either side pinned',
    async (name, path, packageManager) => {
      const repo = await place.add(repository(join(folder.dir, name.replace(' ', '')), { 'a.txt': '' }));
      const manifest = (dependencies: object): string =>
        `${JSON.stringify({ name: 'app', version: '1.0.0', private: true, packageManager, dependencies }, undefined, 2)}\n`;
      const empty = path === 'package-lock.json' ? '{ "lockfileVersion": 3, "packages": {} }' : '';
      // Old exact versions below ranges: what is resolved anew would come out higher.
      const base = await lockOf(repo, path, manifest({}), empty);
      const mine = await lockOf(repo, path, manifest({ 'is-number': '6.0.0' }), base);
      const yours = await lockOf(repo, path, manifest({ 'kind-of': '6.0.2' }), base);
      const merge = { path, base, ours: mine, theirs: yours };
      const { text, clean } = await gitLineMerger(place.git).merge(merge);
      expect(clean).toBe(false);

      const both = manifest({ 'is-number': '6.0.0', 'kind-of': '6.0.2' });
      const made = await lockOf(repo, path, both, text, mine);

      expect(made).toContain('is-number');
      expect(made).toContain('kind-of');
      expect(newPins(made, [mine, yours])).toEqual([]);
      const commit = await commitInBare(place, repo.id, repo.head, { 'package.json': both, [path]: made });
      const request = { ordinal: 9, repoDir: place.repoDir(repo.id), commit };
      const { commands } = await environments.ensure(request, AbortSignal.timeout(300_000));
      expect(commands.at(-1)).toMatch(/ ci |frozen-lockfile/);
    },
    600_000,
  );
});
