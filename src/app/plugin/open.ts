import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openKey } from '#adapters/keys/index.ts';
import { ConfinedPluginRunner, findBwrap } from '#adapters/plugin-runner/runner.ts';
import { openLayout } from '#adapters/plugin-store/layout.ts';
import { stateFolder } from '#adapters/plugin-store/state.ts';
import { workspaceFiles } from '#adapters/plugin-store/workspace-files.ts';
import type { Clock } from '#kernel/clock.ts';
import type { Random } from '#kernel/random.ts';
import { type PluginPolicy, Plugins } from '#plugins/index.ts';
import type { BlobStore, PluginState, Signer } from '#plugins/ports.ts';
import { ensureTrust } from './trust.ts';

export interface PluginHome {
  /** Folder of the state; plugins live below `plugins/`, the root key below `keys/`. */
  readonly dataDir: string;
  readonly policy: PluginPolicy;
  readonly clock: Clock;
  readonly random: Random;
}

/** Everything that the plugin commands work with. */
export interface PluginHouse extends AsyncDisposable {
  readonly home: PluginHome;
  readonly plugins: Plugins;
  readonly store: BlobStore;
  readonly state: PluginState;
  readonly runner: ConfinedPluginRunner;
  /** This installation's own root: it says which publishers are believed here. */
  readonly root: Signer;
}

const WORKERS = 2;

/** The folder of the plugins that come with the product. */
export const SHIPPED_PLUGINS = fileURLToPath(new URL('../../../plugins', import.meta.url));

/** Opens the plugins of an installation; on first use it makes its root key and believes the publisher of the shipped ones. */
export async function openPlugins(home: PluginHome): Promise<PluginHouse> {
  const folder = join(home.dataDir, 'plugins');
  const keys = { dir: join(home.dataDir, 'keys'), algorithm: 'ecdsa-p256-sha256', random: home.random } as const;
  const root = await openKey({ ...keys, name: 'plugin-root' });
  const state = stateFolder(join(folder, 'state'));
  await ensureTrust({ state, root, clock: home.clock }, SHIPPED_PLUGINS);
  const store = await openLayout(join(folder, 'store'));
  const runner = new ConfinedPluginRunner({ workers: WORKERS, bwrap: findBwrap() });
  const pinnedRoot = { keys: [root.publicKeyPem], threshold: 1 };
  const plugins = new Plugins({ ...home, store, state, runner, files: workspaceFiles, pinnedRoot });
  return { home, plugins, store, state, runner, root, [Symbol.asyncDispose]: () => runner.close() };
}
