import { join } from 'node:path';
import { readTextFile } from '#adapters/files/index.ts';
import { pluginBooks } from '#adapters/sql/index.ts';
import type { TenantId } from '#domain/ids.ts';
import { Lazy } from '#kernel/lazy.ts';
import type { Plugins } from '#plugins/index.ts';
import type { House } from '../house.ts';
import type { Settings } from '../config/settings.ts';
import type { PluginDesk, PluginParts } from '../plugin/desk.ts';
import type { Tools } from './tools.ts';

interface Opened extends PluginParts {
  readonly plugins: Plugins;
  /** Renews whom it believes in time, at most once a day. */
  keepTrust(): Promise<void>;
  close(): Promise<void>;
}

type Needs = Pick<Tools, 'dataDir' | 'clock' | 'random' | 'settings' | 'log'>;

/** The plugins of this installation. Signatures and the WASM runner are loaded when the first plugin is needed. */
export function pluginDesk(tools: Needs, { store }: Pick<House, 'store'>): PluginDesk & { close(): Promise<void> } {
  const opened = new Lazy(() => openPlugins(tools, { store }));
  const open = async (): Promise<Opened> => {
    const plugins = await opened.get();
    await plugins.keepTrust();
    return plugins;
  };
  return {
    list: async (tenant) => (await open()).plugins.list(tenant),
    prove: async (tenant, id) => (await open()).plugins.prove(tenant, id),
    run: async (...args) => (await open()).plugins.run(...args),
    plan: async (...args) => (await open()).plugins.plan(...args),
    install: async (...args) => (await open()).plugins.install(...args),
    remove: async (...args) => (await open()).plugins.remove(...args),
    revoke: async (...args) => (await open()).plugins.revoke(...args),
    sbom: async (digest) => {
      const bytes = await (await open()).store.get(digest);
      return bytes === null ? null : new TextDecoder().decode(bytes);
    },
    parts: open,
    close: async () => (await opened.made())?.close(),
  };
}

async function openPlugins(
  { dataDir, clock, random, settings, log }: Needs,
  { store: sql }: Pick<House, 'store'>,
): Promise<Opened> {
  const { builtinPolicy, Plugins } = await import('#plugins/index.ts');
  const { openKey } = await import('#adapters/keys/index.ts');
  const { ConfinedPluginRunner, findBwrap } = await import('#adapters/plugin-runner/runner.ts');
  const { openLayout } = await import('#adapters/plugin-store/layout.ts');
  const { workspaceFiles } = await import('#adapters/plugin-store/workspace-files.ts');
  const { ensureTrust, renewTrust } = await import('../plugin/trust.ts');
  const { SHIPPED_PLUGINS } = await import('../plugin/shipped.ts');
  const keys = { dir: join(dataDir, 'keys'), algorithm: 'ecdsa-p256-sha256', random } as const;
  const root = await openKey({ ...keys, name: 'plugin-root' });
  const books = pluginBooks(sql.truth);
  const trust = { books, root, clock };
  await ensureTrust(trust, SHIPPED_PLUGINS);
  const store = await openLayout(join(dataDir, 'plugins', 'store'));
  const runner = new ConfinedPluginRunner({ workers: WORKERS, bwrap: findBwrap() });
  const pinnedRoot = { keys: [root.publicKeyPem], threshold: 1 };
  const parts = { store, books, runner, clock, policy: builtinPolicy(), files: workspaceFiles, pinnedRoot };
  const offered = new Set<TenantId>();
  let renewedAt = clock.now();
  const keepTrust = async (): Promise<void> => {
    const now = clock.now();
    if (now - renewedAt < RENEW_EVERY_MS) return;
    renewedAt = now;
    await renewTrust(trust).catch((error: unknown) => {
      log.log('warn', 'the trust root of plugins was not renewed', { error: String(error) }); // it is good for months
    });
  };
  const credentials = (): ReturnType<PluginParts['credentials']> => registryCredentials(settings);
  return {
    store,
    books,
    runner,
    trust,
    offered,
    credentials,
    plugins: new Plugins(parts),
    keepTrust,
    close: () => runner.close(),
  };
}

function registryCredentials(settings: Settings): ReturnType<PluginParts['credentials']> {
  const file = settings['plugins.registryTokenFile'];
  const token = file === undefined ? settings['plugins.registryToken'] : readTextFile(file).trim();
  return token === undefined ? undefined : { user: settings['plugins.registryUser'] ?? 'token', token };
}

/** Calls of one workspace that run at the same time. */
const WORKERS = 2;
const RENEW_EVERY_MS = 24 * 3_600_000;
