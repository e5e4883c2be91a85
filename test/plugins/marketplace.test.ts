import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildPlugin, knowsNames } from '#adapters/plugin-build/build.ts';
import { readSdk, writeScaffold } from '#adapters/plugin-build/write-scaffold.ts';
import { ConfinedPluginRunner, findBwrap } from '#adapters/plugin-runner/runner.ts';
import { openLayout } from '#adapters/plugin-store/layout.ts';
import { ociRegistry } from '#adapters/plugin-store/registry.ts';
import { workspaceFiles } from '#adapters/plugin-store/workspace-files.ts';
import { openStore, pluginBooks, type Store } from '#adapters/sql/index.ts';
import type { PrincipalId } from '#domain/ids.ts';
import { canonicalJson } from '#kernel/canonical-json.ts';
import { sha256 } from '#kernel/digest.ts';
import { ManualClock } from '#kernel/clock.ts';
import type { Json } from '#kernel/json.ts';
import {
  builtinPolicy,
  listings,
  mirrorRepository,
  mirrorStore,
  packPlugin,
  type PluginPackage,
  Plugins,
  type PluginPolicy,
  profile,
  publish,
  pull,
  push,
  readManifest,
  scaffold,
  search,
  TRUST_ROOT_TYPE,
  updateTrust,
  writeBundle,
} from '#plugins/index.ts';
import { signCatalog } from '#plugins/market/catalog.ts';
import type { Listing } from '#plugins/market/oci.ts';
import { NOTHING } from '#plugins/permissions.ts';
import type { BlobStore } from '#plugins/ports.ts';
import { freshSigner } from './fresh-signer.ts';
import { registryServer } from './oci-server.ts';
import { ACME, SHIPPED } from './shipped.ts';
import { ECHO, reactor, wat } from './wat.ts';

const BUILDER = 'https://example.com/builder';
const [rootKey, publisherKey] = [freshSigner(), freshSigner()];
let folder: string;
let runner: ConfinedPluginRunner;
let sql: Store;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'market-'));
  sql = await openStore({ engine: 'sqlite', path: join(folder, 'maestro.db') });
  runner = new ConfinedPluginRunner({ workers: 1, bwrap: findBwrap() });
});
afterEach(async () => {
  await runner.close();
  await sql.close();
  rmSync(folder, { recursive: true });
});

const LOGIN = { user: 'robot', token: 'secret' };
const pinnedRoot = { keys: [rootKey.publicKeyPem], threshold: 1 };

async function pack(version: string, permissions = '{}', source = ECHO): Promise<PluginPackage> {
  const manifest = `id: acme.echo@v${version.split('.')[0]}
version: ${version}
summary: Gives back what it gets
publisher: acme
license: MIT
capabilities: { inputs: [], outputs: [] }
permissions: ${permissions}
`;
  return packPlugin({
    manifest: Buffer.from(manifest),
    module: await wat(source),
    components: [],
    builder: BUILDER,
    sourceDigest: '0'.repeat(64),
    signers: [publisherKey],
  });
}

async function place(
  store: BlobStore,
  options: { policy?: PluginPolicy; requireCatalog?: boolean } = {},
): Promise<Plugins> {
  const books = pluginBooks(sql.truth);
  const document = {
    version: 1,
    expiresAt: 1e15,
    root: pinnedRoot,
    builders: [BUILDER],
    revokedDigests: [],
    minimumVersions: {},
    licenses: ['MIT', 'Apache-2.0'],
    requireCatalog: options.requireCatalog ?? false,
    publishers: [
      {
        name: 'acme',
        namespaces: ['acme.'],
        threshold: 1,
        keys: [{ pem: publisherKey.publicKeyPem, validFrom: 0, validUntil: 1e15, revoked: false }],
      },
    ],
  };
  await updateTrust(
    books,
    pinnedRoot,
    await writeBundle(rootKey, TRUST_ROOT_TYPE, Buffer.from(canonicalJson(document as Json))),
    1,
  );
  return new Plugins({
    store,
    books,
    policy: options.policy ?? builtinPolicy(),
    runner,
    files: workspaceFiles,
    clock: new ManualClock(1000),
    pinnedRoot,
  });
}

async function put(store: BlobStore, plugin: PluginPackage): Promise<void> {
  await publish(store, plugin, readManifest(Buffer.from(plugin.manifest).toString()));
}

async function install(plugins: Plugins, reference: string): Promise<{ more: readonly string[] } | string> {
  const planned = await plugins.plan(ACME, reference);
  if (!planned.ok) return planned.reasons[0]?.code ?? '';
  await sql.truth.tx((tx) => plugins.install(tx, ACME, planned.plan, 'human:ada' as PrincipalId));
  return { more: planned.plan.more };
}

async function runEcho(plugins: Plugins): Promise<string> {
  const proved = await plugins.prove(ACME, 'acme.echo');
  if (!proved.ok) return proved.reasons[0]?.code ?? '';
  const result = await plugins.run(proved, { input: { a: 1 }, workspace: null }, new AbortController().signal);
  return result.ok ? JSON.stringify(result.output) : result.code;
}

test('a plugin is published, found, installed with its rights shown, upgraded, and never downgraded', async () => {
  const store = await openLayout(join(folder, 'store'));
  const plugins = await place(store);
  await put(store, await pack('1.0.0'));
  await put(store, await pack('1.1.0', '{ log: true }'));

  expect(search(await listings(store), 'gives ACME')).toMatchObject([
    { name: 'acme.echo', versions: ['1.1.0', '1.0.0'] },
  ]);
  expect(await install(plugins, 'acme.echo@1.0.0')).toEqual({ more: [] });
  expect(await runEcho(plugins)).toBe('{"a":1}');
  expect(await install(plugins, 'acme.echo')).toEqual({ more: ['log'] });
  expect(await plugins.list(ACME)).toMatchObject([{ id: 'acme.echo', version: '1.1.0', rights: ['log'] }]);
  expect(await install(plugins, 'acme.echo@1.0.0')).toBe('VERSION_ROLLBACK');
});

test('a revoked module no longer runs, nor does anything for a tenant that did not install it', async () => {
  const store = await openLayout(join(folder, 'store'));
  const plugins = await place(store);
  await put(store, await pack('1.0.0'));
  expect(await runEcho(plugins)).toBe('NOT_INSTALLED');
  await install(plugins, 'acme.echo');
  const [installed] = await plugins.list(ACME);

  await plugins.revoke(installed?.digest ?? '', 'found to be slow');

  expect(await runEcho(plugins)).toBe('DIGEST_REVOKED');
});

/** A naive loader: takes the digest of a file, and compiles the file once the digest is right; true when it got other bytes. */
async function checksAndReadsAgain(module: Uint8Array, evil: Uint8Array): Promise<boolean> {
  const path = join(folder, 'naive.wasm');
  writeFileSync(path, module);
  const checked = sha256(readFileSync(path)) === sha256(module);
  writeFileSync(path, evil); // what another process does in between
  await WebAssembly.compile(readFileSync(path));
  return checked && readFileSync(path).equals(evil);
}

test('row 23: a module that is swapped on disk after it was verified does not load', async () => {
  const store = await openLayout(join(folder, 'store'));
  const evil = await wat(reactor('(i64.const 0)'));
  let served = 0;
  const swapping: BlobStore = {
    ...store,
    get: async (digest) => {
      const bytes = await store.get(digest);
      const path = join(folder, 'store', 'blobs', 'sha256', digest);
      if (bytes !== null && bytes[0] === 0 && ++served > 1) writeFileSync(path, evil);
      return bytes;
    },
  };
  const plugins = await place(swapping);
  const good = await pack('1.0.0');
  await put(store, good);
  await install(plugins, 'acme.echo');

  expect(await checksAndReadsAgain(good.module, evil)).toBe(true);
  expect(await runEcho(plugins)).toBe('{"a":1}'); // the file changes as soon as it was read; what was read is what runs
  await expect(runEcho(plugins)).rejects.toMatchObject({ code: 'LAYOUT_BROKEN' });
});

test('nothing loads while the policy is down, and the reason says so', async () => {
  const store = await openLayout(join(folder, 'store'));
  let up = true;
  const policy: PluginPolicy = {
    name: 'flaky',
    decide: (...args) => (up ? builtinPolicy().decide(...args) : Promise.reject(new Error('connection refused'))),
  };
  const plugins = await place(store, { policy });
  await put(store, await pack('1.0.0'));
  await install(plugins, 'acme.echo');
  up = false;

  expect(await runEcho(plugins)).toBe('POLICY_DOWN');
});

test('what is not in the store, or not installed, is unknown', async () => {
  const plugins = await place(await openLayout(join(folder, 'store')));

  await expect(plugins.plan(ACME, 'acme.echo')).rejects.toMatchObject({ code: 'PLUGIN_UNKNOWN' });
  await expect(sql.truth.tx((tx) => plugins.remove(tx, ACME, 'acme.echo'))).rejects.toMatchObject({
    code: 'PLUGIN_UNKNOWN',
  });
});

test('a plugin whose manifest asks for more than the tenant granted does not load, an empty grant grants nothing', async () => {
  const store = await openLayout(join(folder, 'store'));
  const plugins = await place(store);
  await put(store, await pack('1.0.0', '{ log: true }'));
  await install(plugins, 'acme.echo');
  const books = pluginBooks(sql.truth);
  const [grant] = await books.grants(ACME);

  await sql.truth.tx((tx) => books.grant(tx, ACME, { ...grant!, granted: NOTHING }));

  expect(await runEcho(plugins)).toBe('GRANT_MISSING');
});

test('where the trust root demands a catalog, what the current one does not list is not installed', async () => {
  const store = await openLayout(join(folder, 'store'));
  const plugins = await place(store, { requireCatalog: true });
  await put(store, await pack('1.0.0'));
  const offered = await listings(store);
  const plan = async (plugin: readonly Listing[], version: number): Promise<string> => {
    const answer = await plugins.plan(ACME, 'acme.echo', await signCatalog([rootKey], plugin, version, 1e15));
    return answer.ok ? 'OK' : (answer.reasons[0]?.code ?? '');
  };

  expect(await plugins.plan(ACME, 'acme.echo')).toMatchObject({ reasons: [{ code: 'CATALOG_UNSIGNED' }] });
  expect(await plan([], 1)).toBe('CATALOG_UNLISTED');
  expect(await plan(offered, 2)).toBe('OK');
  expect(await plan(offered, 1)).toBe('CATALOG_ROLLBACK');
});

test('packages travel through a registry and a mirror unchanged; a registry that lies is caught', async () => {
  const server = await registryServer(LOGIN);
  const registry = ociRegistry({ url: server.url, credentials: LOGIN });
  const plugin = await pack('1.0.0');
  await push(registry, 'team', plugin, readManifest(Buffer.from(plugin.manifest).toString()));

  const pulled = await pull(registry, 'team/acme.echo', '1.0.0');
  const [site, airgapped] = [await openLayout(join(folder, 'site')), await openLayout(join(folder, 'usb'))];
  await mirrorRepository(registry, 'team/acme.echo', site);
  await mirrorStore(site, airgapped);
  const plugins = await place(airgapped);
  await install(plugins, 'acme.echo');

  expect(Buffer.from(pulled.module).equals(plugin.module)).toBe(true);
  expect(await runEcho(plugins)).toBe('{"a":1}');
  for (const [digest, bytes] of server.blobs) server.blobs.set(digest, Buffer.concat([bytes, Buffer.from('x')]));
  await expect(pull(registry, 'team/acme.echo', '1.0.0')).rejects.toMatchObject({ code: 'STORE_BROKEN' });
  await expect(ociRegistry({ url: server.url }).tags('team/acme.echo')).rejects.toMatchObject({
    code: 'REGISTRY_FAILED',
  });
  expect(server.logins).toContain('team/acme.echo'); // a token for the repository, by the login, and only then
  expect(() => ociRegistry({ url: 'http://registry.example', credentials: LOGIN })).toThrow(/is not https/);
  await server.close();
});

/** What the author happens to have on the path, such as binaryen, must not change what is built. */
async function withPath<T>(path: string, build: () => Promise<T>): Promise<T> {
  const before = process.env['PATH'];
  process.env['PATH'] = path;
  try {
    return await build();
  } finally {
    process.env['PATH'] = before;
  }
}

test.each(['assemblyscript', 'typescript', 'c', 'rust'] as const)(
  'a new plugin in %s builds the same twice, runs, and is profiled',
  async (language) => {
    const target = join(folder, language);
    await writeScaffold(target, scaffold(language, 'acme.word-count', 'acme', await readSdk(join(SHIPPED, 'sdk'))));
    const manifest = readManifest(readFileSync(join(target, 'manifest.yaml'), 'utf8'));
    let built: Awaited<ReturnType<typeof buildPlugin>>;
    try {
      built = await buildPlugin(target, manifest);
    } catch (error) {
      if (!(error instanceof Error) || !/not on this machine|wasm32/.test(error.message)) throw error;
      console.log(`skipped: no ${language} compiler for wasm32`);
      return;
    }

    const again = await withPath('/usr/local/bin:/usr/bin:/bin', () => buildPlugin(target, manifest));
    const named = knowsNames(target) ? (await buildPlugin(target, manifest, true)).module : undefined;
    const { report, rows } = await profile(
      runner,
      { manifest, module: built.module, named },
      readFileSync(join(target, 'input.json')),
      null,
    );

    expect(Buffer.from(again.module).equals(built.module)).toBe(true);
    expect(report.ok && JSON.parse(Buffer.from(report.output).toString())).toEqual({ words: 3 });
    const imported = WebAssembly.Module.imports(new WebAssembly.Module(Buffer.from(built.module)));
    const namespaces = new Set(imported.map(({ module: of }) => of)); // it asks for nothing, so it imports no more
    expect([...namespaces].filter((of) => !['maestro:host@1', 'wasi_snapshot_preview1'].includes(of))).toEqual([]);
    const ownName = language === 'typescript' ? /^function \d+$/ : /(^|\/)run$/; // QuickJS comes without names
    expect(rows.some(({ name }) => ownName.test(name))).toBe(true);
    expect(rows.reduce((sum, { fuel }) => sum + fuel, 0)).toBeLessThanOrEqual(report.fuel);
  },
);

test('a folder that exists is never written over by a new plugin', async () => {
  const target = join(folder, 'plugin');
  await writeScaffold(target, scaffold('c', 'acme.word-count', 'acme', new Map()));

  await expect(writeScaffold(target, new Map())).rejects.toMatchObject({ code: 'PLUGIN_FOLDER_EXISTS' });
  expect(readdirSync(target)).toContain('manifest.yaml');
});
