import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { environmentsIn, type EnvironmentsOptions, readNpmSettings } from '#adapters/environment/index.ts';
import { gitOn } from '#adapters/git/run.ts';
import { GitTrees } from '#adapters/git/trees.ts';
import { gitWorkspaces } from '#adapters/git/workspaces.ts';
import { detectSandbox } from '#adapters/sandbox/index.ts';
import type { EnvironmentRequest } from '#agents/ports.ts';
import { forwarderCommand } from '#app/programs/forwarder-command.ts';
import type { Environment } from '#domain/environment.ts';
import type { GitOid, RunId } from '#domain/ids.ts';
import type { Sandbox, SandboxResult } from '#domain/sandbox.ts';
import { systemClock } from '#kernel/clock.ts';
import { systemRandom } from '#kernel/random.ts';
import { selfSigned, startRegistry, type TestRegistry } from './registry.ts';

const searchPath = process.env['PATH'] ?? '';
const git = gitOn({ searchPath });
const machine = { clock: systemClock, random: systemRandom, node: process.execPath, searchPath };
const plain = await detectSandbox({ ...machine, prefer: 'process' });
const best = await detectSandbox(machine);
const walled = best.profile.kind === 'bubblewrap';
if (!walled) console.log(`skipped: no bubblewrap (${best.profile.warnings[0] ?? ''})`);

const LIMITS = { wallMs: 120_000, memoryBytes: 4 * 1024 ** 3, processes: 256, outputBytes: 1_000_000 };
const PACKAGES = {
  left: {
    manifest: { dependencies: { right: '^1.0.0' } },
    files: { 'index.js': 'module.exports = "left " + require("right");' },
  },
  right: { manifest: {}, files: { 'index.js': 'module.exports = "right";' } },
  scripted: {
    manifest: {
      scripts: { postinstall: "node -e \"require('fs').writeFileSync('made.js', 'module.exports = 1')\"" },
      hasInstallScript: true,
    },
    files: { 'index.js': '' },
  },
};

let folder = '';
let registry: TestRegistry;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'environments-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(async () => {
  registry = await startRegistry(PACKAGES);
});
afterEach(() => registry[Symbol.asyncDispose]());

/** Environments as one process sees them; all of one test share their cache. */
function environmentsAt(root: string, change: Partial<EnvironmentsOptions> = {}) {
  const sandbox = change.sandbox ?? best;
  return environmentsIn({
    git,
    trees: new GitTrees({ git, root: join(folder, 'trees'), userOf: (ordinal) => sandbox.userOf(ordinal) }),
    clock: systemClock,
    root: join(folder, root),
    sandbox,
    forwarder: forwarderCommand(),
    npm: { registry: registry.url, cafile: undefined },
    allowHosts: [],
    installScripts: [],
    limits: LIMITS,
    stallMs: 60_000,
    progress: () => undefined,
    ...change,
  });
}

async function commit(files: { readonly [path: string]: string }): Promise<EnvironmentRequest> {
  const origin = await mkdtemp(join(folder, 'origin-'));
  const repoDir = `${origin}.git`;
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(origin, path, '..'), { recursive: true });
    await writeFile(join(origin, path), text);
  }
  const who = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@x', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@x' };
  await git.run({ args: ['init', '-q', '-b', 'main'], cwd: origin });
  await git.run({ args: ['add', '-A'], cwd: origin });
  await git.run({ args: ['commit', '-q', '--allow-empty', '-m', 'x'], cwd: origin, env: who });
  await git.run({ args: ['clone', '-q', '--bare', origin, repoDir] });
  return { repoDir, commit: (await git.text({ args: ['rev-parse', 'HEAD'], gitDir: repoDir })) as GitOid, ordinal: 9 };
}

function manifest(dependencies: { readonly [name: string]: string }, more: object = {}): string {
  return JSON.stringify({ name: 'app', version: '1.0.0', dependencies, ...more });
}

/** A lock file of npm for these packages, fetched from where npm is set to unless said. */
function lock(dependencies: { readonly [name: string]: string }, names: readonly string[], from?: string): string {
  const entry = (name: keyof typeof PACKAGES): object => ({
    version: '1.0.0',
    ...PACKAGES[name].manifest,
    integrity: registry.integrity(name),
    ...(from === undefined ? {} : { resolved: `${from}${name}/-/${name}-1.0.0.tgz` }),
  });
  const packages = Object.fromEntries(
    names.map((name) => [`node_modules/${name}`, entry(name as keyof typeof PACKAGES)]),
  );
  return JSON.stringify({
    name: 'app',
    version: '1.0.0',
    lockfileVersion: 3,
    packages: { '': { name: 'app', version: '1.0.0', dependencies }, ...packages },
  });
}

const LEFT = { left: '^1.0.0' };
const leftApp = (): { [path: string]: string } => ({
  'package.json': manifest(LEFT),
  'package-lock.json': lock(LEFT, ['left', 'right']),
});

/** Runs a program in a fresh workspace of the commit, with the environment. */
async function use(
  sandbox: Sandbox,
  request: EnvironmentRequest,
  environment: Environment,
  text: string,
): Promise<SandboxResult> {
  const workspaces = gitWorkspaces({
    git,
    clock: systemClock,
    root: join(folder, 'work'),
    userOf: (each) => sandbox.userOf(each),
  });
  const run = `run_${Math.random().toString(36).slice(2)}` as RunId;
  const workspace = await workspaces.create({ run, repoDir: request.repoDir, base: request.commit, ordinal: 9 });
  const command = {
    ordinal: 9,
    argv: ['node', '-e', text],
    workspace: workspace.dir,
    environment,
    readOnly: [],
    env: {},
    limits: LIMITS,
  };
  return sandbox.run(command, new AbortController().signal);
}

const never = new AbortController().signal;

describe.each([{ kind: 'process', sandbox: plain }, ...(walled ? [{ kind: 'bubblewrap', sandbox: best }] : [])])(
  'an environment built in the $kind sandbox',
  ({ kind, sandbox }) => {
    it('is built from the lock file, kept, and used offline by every run', async () => {
      const request = await commit(leftApp());
      const environments = environmentsAt(`used-${kind}`, { sandbox });

      const before = await environments.plan(request);
      const first = await environments.ensure(request, never);
      const fetched = registry.asked.length;
      const second = await environments.ensure(request, never);
      const after = await environments.plan(request);
      const result = await use(sandbox, request, first.environment, 'console.log(require("left"))');

      expect(before).toMatchObject({ kind: 'npm', isReady: false });
      expect(first).toMatchObject({ built: true, environment: { kind: 'npm', key: before.key } });
      expect(first.commands[0]).toContain('npm ci');
      expect(fetched).toBeGreaterThan(0);
      expect(second).toEqual({ ...first, built: false });
      expect(registry.asked).toHaveLength(fetched);
      expect(after.isReady).toBe(true);
      expect(result).toMatchObject({ stdout: 'left right\n', exitCode: 0 });
    });

    it('cannot be changed by the programs that use it', async () => {
      const request = await commit(leftApp());
      const { environment } = await environmentsAt(`fixed-${kind}`, { sandbox }).ensure(request, never);
      const spoil = 'require("fs").writeFileSync("node_modules/right/index.js", "module.exports = 666")';

      await use(sandbox, request, environment, spoil);
      const scratch = await use(
        sandbox,
        request,
        environment,
        'require("fs").writeFileSync("node_modules/.vite/x", "x")',
      );
      const result = await use(sandbox, request, environment, 'console.log(require("right"))');

      expect(scratch.exitCode).toBe(0);
      expect(result.stdout).toBe('right\n');
    });

    it('says plainly when what the build reached was not confined', async () => {
      const { warnings } = await environmentsAt(`warned-${kind}`, { sandbox }).ensure(await commit(leftApp()), never);

      expect(warnings.length > 0).toBe(kind === 'process');
    });

    it('cannot be built when the registry cannot be reached', async () => {
      const npm = { registry: 'http://127.0.0.1:9/', cafile: undefined };
      const environments = environmentsAt(`unreachable-${kind}`, { sandbox, npm });

      const building = environments.ensure(await commit(leftApp()), never);

      await expect(building).rejects.toMatchObject({ code: 'ENVIRONMENT_REGISTRY_UNREACHABLE' });
    }, 300_000);
  },
);

describe('an environment', () => {
  it('is empty when nothing is needed', async () => {
    const environments = environmentsAt('empty');

    for (const files of [
      { 'a.txt': '' },
      { 'package.json': manifest({}) },
      { ...leftApp(), '.maestro.yaml': 'environment: { manager: none }\n' },
    ]) {
      const request = await commit(files);
      expect(await environments.plan(request)).toEqual({ kind: 'empty', key: 'empty', isReady: true });
      expect(await environments.ensure(request, never)).toMatchObject({
        built: false,
        environment: { kind: 'empty', mounts: [] },
      });
    }
    expect(registry.asked).toEqual([]);
  });

  it('is another one where the repository declares other variables, also when it needs no packages', async () => {
    const environments = environmentsAt('variables');
    const keyOf = async (files: { readonly [path: string]: string }): Promise<string> => {
      const request = await commit(files);
      const { environment } = await environments.ensure(request, never);
      expect((await environments.plan(request)).key).toBe(environment.key);
      return environment.key;
    };
    const declared = (mode: string) => ({ '.maestro.yaml': `environment:\n  env:\n    MODE: ${mode}\n` });

    const keys = [await keyOf({}), await keyOf(declared('a')), await keyOf(declared('b')), await keyOf(declared('a'))];

    expect(new Set(keys.slice(0, 3)).size).toBe(3);
    expect(keys[3]).toBe(keys[1]);
  });

  it('falls back to npm install where the lock does not match, and says so', async () => {
    const request = await commit({ 'package.json': manifest(LEFT), 'package-lock.json': lock({}, []) });

    const { commands } = await environmentsAt('fallback').ensure(request, never);

    expect(commands).toEqual([expect.stringContaining('npm install --no-save')]);
  });

  it('runs install scripts only of packages that are named', async () => {
    const wanted = { scripted: '1.0.0' };
    const files = { 'package.json': manifest(wanted), 'package-lock.json': lock(wanted, ['scripted']) };
    const request = await commit(files);
    const look = 'console.log(require("fs").readdirSync("node_modules/scripted").includes("made.js"))';

    const without = await environmentsAt('scripts').ensure(request, never);
    const operator = await environmentsAt('scripts', { installScripts: ['scripted'] }).ensure(request, never);
    const declaring = await commit({ ...files, '.maestro.yaml': 'environment:\n  installScripts: [scripted]\n' });
    const declared = await environmentsAt('scripts').ensure(declaring, never);

    expect((await use(best, request, without.environment, look)).stdout).toBe('false\n');
    expect((await use(best, request, operator.environment, look)).stdout).toBe('true\n');
    expect((await use(best, declaring, declared.environment, look)).stdout).toBe('true\n');
  });

  it('is built by the commands that the repository declares', async () => {
    const declaration = `environment:
  commands:
    - [node, -e, "require('fs').mkdirSync('vendor/deep', {recursive: true}); require('fs').writeFileSync('vendor/deep/x', 'made')"]
  folders: [vendor]
  scratch: [tmp]
  env: { COLOR: blue }
`;
    const request = await commit({ '.maestro.yaml': declaration });

    const { environment } = await environmentsAt('declared').ensure(request, never);
    const text =
      'const fs = require("fs"); fs.writeFileSync("vendor/tmp/y", "y"); console.log(fs.readFileSync("vendor/deep/x", "utf8"), process.env.COLOR)';

    expect(environment).toMatchObject({ kind: 'declared', env: { COLOR: 'blue' }, mounts: [{ at: 'vendor' }] });
    expect((await use(best, request, environment, text)).stdout).toBe('made blue\n');
  });

  it('is found in the folder that the repository names', async () => {
    const files = Object.fromEntries(Object.entries(leftApp()).map(([path, text]) => [`app/${path}`, text]));
    const request = await commit({ ...files, '.maestro.yaml': 'environment: { directory: ./app/ }\n' });

    const { environment } = await environmentsAt('directory').ensure(request, never);

    expect(environment.mounts).toMatchObject([{ at: 'app/node_modules' }]);
    expect((await use(best, request, environment, 'console.log(require("./app/node_modules/left"))')).stdout).toBe(
      'left right\n',
    );
  });

  it.runIf(walled)(
    'reaches no host that is not allowed',
    async () => {
      await using other = await startRegistry(PACKAGES);
      const request = await commit({
        'package.json': manifest(LEFT),
        'package-lock.json': lock(LEFT, ['left', 'right'], other.url),
      });

      const denied = environmentsAt('hosts').ensure(request, never);
      await expect(denied).rejects.toMatchObject({
        code: 'ENVIRONMENT_HOST_DENIED',
        message: expect.stringContaining(new URL(other.url).host),
      });
      expect(other.asked).toEqual([]);

      const allowed = await environmentsAt('hosts', { allowHosts: [new URL(other.url).host] }).ensure(request, never);
      expect(allowed.built).toBe(true);
    },
    300_000,
  );

  it('is refused by the registry when a package is not there', async () => {
    const request = await commit({ 'package.json': manifest({ gone: '1.0.0' }), 'package-lock.json': lock({}, []) });

    await expect(environmentsAt('refused').ensure(request, never)).rejects.toMatchObject({
      code: 'ENVIRONMENT_REGISTRY_REFUSED',
    });
  });

  it('is not built from a registry whose certificate is not trusted, and says so at once', async () => {
    const certificate = selfSigned();
    await using tls = await startRegistry(PACKAGES, certificate);
    const request = await commit(leftApp());
    const at = (cafile: string | undefined) =>
      environmentsAt('tls', { npm: { registry: tls.url, cafile }, allowHosts: [new URL(tls.url).host] });
    const startedAt = Date.now();

    const untrusted = at(undefined).ensure(request, never);

    await expect(untrusted).rejects.toMatchObject({ code: 'ENVIRONMENT_REGISTRY_UNTRUSTED' });
    expect(Date.now() - startedAt).toBeLessThan(20_000);
    expect((await at(certificate.file).ensure(request, never)).built).toBe(true);
  });

  it('is built once when many ask at once, also from different processes', async () => {
    const request = await commit(leftApp());

    const all = await Promise.all([1, 2, 3].map(() => environmentsAt('once').ensure(request, never)));

    expect(all.map((each) => each.built).toSorted()).toEqual([false, false, true]);
    expect(registry.asked.filter((path) => path.endsWith('.tgz'))).toHaveLength(2);
  });

  it('is built apart for each tenant', async () => {
    const request = await commit(leftApp());
    const environments = environmentsAt('tenants');

    const one = await environments.ensure(request, never);
    const other = await environments.ensure({ ...request, ordinal: 10 }, never);

    expect([one.built, other.built]).toEqual([true, true]);
    expect(one.environment.mounts[0]?.host).not.toBe(other.environment.mounts[0]?.host);
  });

  it('is never half made: a build that was cut off is done again', async () => {
    const request = await commit(leftApp());
    const environments = environmentsAt('cut');
    const { key } = await environments.plan(request);
    const entry = join(folder, 'cut/9', key);
    await mkdir(`${entry}.making/folder-0`, { recursive: true });
    await mkdir(`${entry}.lock`, { recursive: true });
    await writeFile(`${entry}.lock/4`, '');
    const longAgo = Date.now() / 1000 - 60;
    await utimes(`${entry}.lock/4`, longAgo, longAgo);
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('stopped')), 100);

    await expect(environments.ensure(request, stop.signal)).rejects.toThrow('stopped');
    const isReady = (await environments.plan(request)).isReady;
    const again = await environments.ensure(request, never);

    expect(isReady).toBe(false);
    expect(again.built).toBe(true);
    expect((await readdir(join(folder, 'cut/9'))).filter((name) => name.endsWith('.making'))).toEqual([]);
    expect(await readFile(join(entry, 'folder-0/right/index.js'), 'utf8')).toContain('right');
    expect(await readdir(join(folder, 'trees'))).toEqual([]);
  });
});

describe('the real registry', () => {
  it('gives a small package through the walls', async (context) => {
    const npm = await readNpmSettings({
      searchPath,
      home: process.env['HOME'] ?? '/',
      extraCa: process.env['NODE_EXTRA_CA_CERTS'],
    });
    const reached = await fetch(new URL('is-number', npm.registry), { signal: AbortSignal.timeout(5000) }).catch(
      () => undefined,
    );
    if (reached?.ok !== true) {
      console.log(`skipped: no registry at ${new URL(npm.registry).host}`);
      return context.skip();
    }
    const request = await commit({
      'package.json': manifest({ 'is-number': '7.0.0' }),
      'package-lock.json': lock({}, []),
    });

    const { environment } = await environmentsAt('real', { npm }).ensure(request, never);
    const result = await use(best, request, environment, 'console.log(require("is-number")(7))');

    expect(result.stdout).toBe('true\n');
  });
});
