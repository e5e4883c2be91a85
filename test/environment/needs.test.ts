import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gitOn } from '#adapters/git/run.ts';
import type { GitOid } from '#domain/ids.ts';
import { type Needs, readNeeds } from '#adapters/environment/needs.ts';

const git = gitOn({ searchPath: process.env['PATH'] ?? '' });
let repoDir = '';
beforeAll(async () => {
  repoDir = await mkdtemp(join(tmpdir(), 'needs-'));
  await git.run({ args: ['init', '-q', '--bare', repoDir] });
});
afterAll(() => rm(repoDir, { recursive: true, force: true }));

async function needs(files: { readonly [path: string]: string }, machine = 'node 24'): Promise<Needs> {
  const lines: string[] = [];
  for (const [path, text] of Object.entries(files)) {
    const oid = await git.text({ args: ['hash-object', '-w', '--stdin'], gitDir: repoDir, stdin: text });
    lines.push(`100644 ${oid}\t${path}`);
  }
  const index = { GIT_INDEX_FILE: join(repoDir, 'test-index') };
  await git.run({ args: ['read-tree', '--empty'], gitDir: repoDir, env: index });
  await git.run({
    args: ['update-index', '--index-info'],
    gitDir: repoDir,
    env: index,
    stdin: `${lines.join('\n')}\n`,
  });
  const tree = (await git.text({ args: ['write-tree'], gitDir: repoDir, env: index })) as GitOid;
  return readNeeds(git, { repoDir, commit: tree }, machine);
}

const app = (more: object = {}): string => JSON.stringify({ name: 'app', devDependencies: { vitest: '1' }, ...more });
const LOCKED = { 'package.json': app(), 'package-lock.json': '{}' };

describe('what a commit needs', () => {
  it.each([
    ['nothing without package.json', { 'a.txt': '' }, 'empty'],
    ['nothing without dependencies', { 'package.json': '{}' }, 'empty'],
    ['nothing where its packages are in the repository', { ...LOCKED, 'node_modules/vitest/index.js': '' }, 'empty'],
    ['npm for its lock file', LOCKED, 'npm'],
    ['npm for a shrinkwrap', { 'package.json': app(), 'npm-shrinkwrap.json': '{}' }, 'npm'],
    ['pnpm for its lock file', { 'package.json': app(), 'pnpm-lock.yaml': '' }, 'pnpm'],
    ['yarn for its lock file', { 'package.json': app(), 'yarn.lock': '' }, 'yarn'],
    [
      'the manager that package.json names',
      { ...LOCKED, 'yarn.lock': '', 'package.json': app({ packageManager: 'yarn@4.1.0' }) },
      'yarn',
    ],
    [
      'the manager that the repository declares',
      { ...LOCKED, 'yarn.lock': '', '.maestro.yaml': 'environment: { manager: npm }' },
      'npm',
    ],
    [
      'what the repository declares',
      { '.maestro.yaml': 'environment: { commands: [[make, deps]], folders: [out] }' },
      'declared',
    ],
  ])('is %s', async (_, files, kind) => {
    expect((await needs(files)).kind).toBe(kind);
  });

  it.each([
    ['ENVIRONMENT_LOCK_MISSING', { 'package.json': app() }],
    ['ENVIRONMENT_AMBIGUOUS', { ...LOCKED, 'yarn.lock': '' }],
    ['ENVIRONMENT_MANIFEST_INVALID', { ...LOCKED, 'package.json': '{ "name": ' }],
    ['ENVIRONMENT_DECLARATION_INVALID', { ...LOCKED, '.maestro.yaml': 'environment: 1' }],
  ])('cannot be known: %s', async (code, files) => {
    await expect(needs(files)).rejects.toMatchObject({ code });
  });
});

describe('the key of an environment', () => {
  it.each([
    [
      'scripts and version of package.json',
      { ...LOCKED, 'package.json': app({ version: '2.0.0', scripts: { test: 'x' } }) },
    ],
    ['sources', { ...LOCKED, 'src/a.ts': 'x' }],
    ['other manifests, without workspaces', { ...LOCKED, 'examples/a/package.json': 'not json' }],
  ])('stays the same with other %s', async (_, files) => {
    expect((await needs(files)).key).toBe((await needs(LOCKED)).key);
  });

  it.each([
    ['dependencies', { ...LOCKED, 'package.json': app({ dependencies: { a: '1' } }) }],
    ['lock file', { ...LOCKED, 'package-lock.json': '{ }' }],
    ['configuration of npm', { ...LOCKED, '.npmrc': 'legacy-peer-deps=true' }],
    ['patches', { ...LOCKED, 'patches/a.patch': 'x' }],
    ['declaration', { ...LOCKED, '.maestro.yaml': 'environment: { installScripts: [node] }' }],
  ])('differs with another %s', async (_, files) => {
    expect((await needs(files)).key).not.toBe((await needs(LOCKED)).key);
  });

  it('differs on another machine, and with manifests of workspaces', async () => {
    const root = { ...LOCKED, 'package.json': app({ workspaces: ['a'] }) };

    expect((await needs(LOCKED, 'node 25')).key).not.toBe((await needs(LOCKED)).key);
    expect((await needs({ ...root, 'a/package.json': app() })).key).not.toBe((await needs(root)).key);
  });
});
