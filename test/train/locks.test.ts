import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { environmentsIn } from '#adapters/environment/index.ts';
import { gitLineMerger } from '#adapters/git-merge/index.ts';
import { GitTrees } from '#adapters/git/trees.ts';
import { detectSandbox } from '#adapters/sandbox/index.ts';
import { forwarderCommand } from '#app/programs/forwarder-command.ts';
import type { Repository } from '#domain/repository.ts';
import { systemClock } from '#kernel/clock.ts';
import type { Json } from '#kernel/json.ts';
import { systemRandom } from '#kernel/random.ts';
import { mergeResolver } from '#merge/index.ts';
import { landChange, type LandParts } from '#train/index.ts';
import { startRegistry, type TestRegistry } from '../environment/registry.ts';
import { openPlace, type Place } from '../git/place.ts';
import { git, repository, scratchFolder } from '../git/scratch.ts';
import { CHECK, landParts, listWith, openedChange } from './line.ts';

const folder = scratchFolder();
let place: Place;
let registry: TestRegistry;
let parts: LandParts;
let count = 0;

const PACKAGES = {
  left: { manifest: { dependencies: { deep: '^1.0.0' } }, files: { 'index.js': '' } },
  right: { manifest: {}, files: { 'index.js': '' } },
  deep: { manifest: {}, files: { 'index.js': '' } },
};
type Name = keyof typeof PACKAGES;

beforeAll(async () => {
  place = await openPlace(join(folder.dir, 'data'));
  registry = await startRegistry(PACKAGES);
  const machine = { clock: systemClock, random: systemRandom, node: process.execPath };
  const sandbox = await detectSandbox({ ...machine, searchPath: process.env['PATH'] ?? '' });
  const environments = environmentsIn({
    git: place.git,
    trees: new GitTrees({ git: place.git, root: join(folder.dir, 'trees'), userOf: (of) => sandbox.userOf(of) }),
    clock: systemClock,
    root: join(folder.dir, 'environments'),
    sandbox,
    forwarder: forwarderCommand(),
    npm: { registry: registry.url, cafile: undefined },
    allowHosts: [],
    installScripts: [],
    limits: { wallMs: 120_000, memoryBytes: 4 << 30, processes: 256, outputBytes: 1_000_000 },
    stallMs: 60_000,
    progress: () => undefined,
  });
  parts = {
    ...(await landParts(place, mergeResolver(gitLineMerger(place.git)))),
    locks: {
      remake: ({ repo, ...lock }, signal) =>
        environments.remakeLock({ ordinal: 9, repoDir: place.repoDir(repo), ...lock }, signal),
    },
  };
});
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  await place.store.close();
  folder[Symbol.dispose]();
});

/** package.json with these dependencies, and the lock file that npm makes of it when it knows `locked`. */
function project(wanted: readonly Name[], locked: readonly Name[] = wanted): { readonly [path: string]: string } {
  const dependencies = Object.fromEntries(wanted.map((name) => [name, '^1.0.0']));
  const app = { name: 'app', version: '1.0.0', dependencies };
  const entry = (name: Name): Json => ({
    version: '1.0.0',
    resolved: `${registry.url}${name}/-/${name}-1.0.0.tgz`,
    integrity: registry.integrity(name),
    ...PACKAGES[name].manifest,
  });
  const packages = Object.fromEntries(locked.map((name) => [`node_modules/${name}`, entry(name)]));
  const lock = {
    name: 'app',
    version: '1.0.0',
    lockfileVersion: 3,
    requires: true,
    packages: { '': app, ...packages },
  };
  const json = (value: Json): string => `${JSON.stringify(value, undefined, 2)}\n`;
  return { 'package.json': json(app), 'package-lock.json': json(lock) };
}

const now = <T extends Json>(_: string, effect: (signal: AbortSignal) => Promise<T>): Promise<T> =>
  effect(new AbortController().signal);

/** Lands `first` on a repository, then `second`, which was made on the same base. */
async function landBoth(
  first: { readonly [path: string]: string },
  second: { readonly [path: string]: string },
  more: { readonly with?: Partial<LandParts>; readonly confirmed?: readonly string[] } = {},
) {
  const name = `app${++count}`;
  const files = { ...project([]), 'check.js': CHECK, 'list.txt': listWith(['p0.txt']), 'parts/p0.txt': 'x' };
  const repo: Repository = await place.add(repository(join(folder.dir, name), files));
  const landing = async (which: string, changed: { readonly [path: string]: string }) => {
    const change = await openedChange(place, repo, `${name}-${which}`, changed);
    const { confirmed = [] } = more;
    const job = { change, repoDir: place.repoDir(repo.id), branch: 'main', confirmed };
    return landChange({ ...parts, ...more.with }, job, now);
  };
  expect(await landing('first', first)).toMatchObject({ kind: 'landed' });
  const end = await landing('second', second);
  const shown = (path: string): string => git(place.repoDir(repo.id), 'show', `main:${path}`);
  return { end, shown };
}

describe('a lock file that both sides changed', () => {
  it('is made anew from the merged package.json, with what either side pinned', async () => {
    const { end, shown } = await landBoth(project(['left'], ['left', 'deep']), project(['right']));

    expect(end).toMatchObject({
      kind: 'landed',
      candidate: {
        how: 'resolved',
        resolved: [
          { path: 'package.json', tier: 'auto' },
          { path: 'package-lock.json', tier: 'auto', rule: 'lock-file' },
        ],
      },
    });
    const lock = JSON.parse(shown('package-lock.json')) as { packages: { [path: string]: object } };
    expect(Object.keys(lock.packages)).toEqual(['', 'node_modules/deep', 'node_modules/left', 'node_modules/right']);
    expect(lock.packages['']).toMatchObject({ dependencies: { left: '^1.0.0', right: '^1.0.0' } });
  });

  it('waits for a person when it brings in what neither side had, and lands once that is confirmed', async () => {
    const [first, second] = [project(['left'], ['left']), project(['right'])];

    const asked = await landBoth(first, second);

    expect(asked.end).toMatchObject({ kind: 'needs_human', reasons: [{ code: 'MERGE_PROPOSED' }] });
    const told = asked.end.kind === 'needs_human' ? asked.end.merge?.files.at(-1) : undefined;
    expect(told).toMatchObject({ path: 'package-lock.json', tier: 'suggest' });
    expect(told?.reasons[0]).toContain('what neither side had');
    const confirmed = [told?.record?.digests.merged ?? ''];

    const { end, shown } = await landBoth(first, second, { confirmed });

    expect(end).toMatchObject({ kind: 'landed' });
    expect(shown('package-lock.json')).toContain('node_modules/deep');
  });

  it('stays with a person, with the reason, where it cannot be made', async () => {
    const unknown = project(['left'], ['left', 'deep']);
    const absent = {
      ...project(['right']),
      'package.json': project(['right'])['package.json']!.replace('right', 'gone'),
    };

    const { end } = await landBoth(unknown, absent);

    expect(end).toMatchObject({
      kind: 'needs_human',
      reasons: [{ code: 'LOCK_NOT_REMADE', field: 'change.files["package-lock.json"]' }],
      merge: { files: [{ path: 'package.json' }, { path: 'package-lock.json', tier: 'leave' }] },
    });
    expect(JSON.stringify(end)).toContain('ENVIRONMENT_REGISTRY_REFUSED');
  });

  it('is not touched while package.json itself needs a person', async () => {
    const version = (text: string, of: string) => text.replace('"app"', JSON.stringify(of));
    const first = project(['left'], ['left', 'deep']);
    const second = project(['right']);
    const remake = () => Promise.reject(new Error('it was made'));

    const { end } = await landBoth(
      { ...first, 'package.json': version(first['package.json']!, 'one') },
      { ...second, 'package.json': version(second['package.json']!, 'two') },
      { with: { locks: { remake } } },
    );

    expect(end).toMatchObject({ kind: 'needs_human', reasons: [{ field: 'change.files["package.json"]' }] });
  });
});
