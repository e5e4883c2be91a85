import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { thisMachine } from '#adapters/machine/index.ts';
import { openKey } from '#adapters/keys/index.ts';
import { ConfinedPluginRunner, findBwrap } from '#adapters/plugin-runner/runner.ts';
import { openLayout } from '#adapters/plugin-store/layout.ts';
import { stateFolder } from '#adapters/plugin-store/state.ts';
import { workspaceFiles } from '#adapters/plugin-store/workspace-files.ts';
import type { PrincipalId, TenantId } from '#domain/ids.ts';
import { type Clock, systemClock } from '#kernel/clock.ts';
import { type Random, systemRandom } from '#kernel/random.ts';
import { builtinPolicy, type PluginPolicy, Plugins } from '#plugins/index.ts';
import type { BlobStore, PluginState, Signer } from '#plugins/ports.ts';
import { readConfig } from '../config.ts';
import { openHouse } from '../open.ts';
import { person } from '../principals.ts';
import { getTenant } from '../tenants.ts';
import { ensureTrust, type Trust } from './trust.ts';

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
  readonly trust: Trust;
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
  const trust = { state, root, clock: home.clock };
  await ensureTrust(trust, SHIPPED_PLUGINS);
  const store = await openLayout(join(folder, 'store'));
  const runner = new ConfinedPluginRunner({ workers: WORKERS, bwrap: findBwrap() });
  const pinnedRoot = { keys: [root.publicKeyPem], threshold: 1 };
  const plugins = new Plugins({ ...home, store, state, runner, files: workspaceFiles, pinnedRoot });
  return { home, plugins, store, state, runner, root, trust, [Symbol.asyncDispose]: () => runner.close() };
}

interface Place {
  readonly dataDir?: string;
}

/** The plugins on the data directory that flags, environment and files name, and who asks. Close them with `await using`. */
export async function openPluginsOf(place: Place): Promise<PluginHouse & { readonly by: PrincipalId }> {
  const { settings } = readConfig({ flags: place.dataDir === undefined ? {} : { dataDir: place.dataDir } });
  const { dataDir } = settings;
  const house = await openPlugins({ dataDir, policy: builtinPolicy(), clock: systemClock, random: systemRandom });
  return { ...house, by: person(settings.user ?? thisMachine().account).id };
}

/** The tenant of a flag. Throws NO_SUCH_TENANT. */
export async function tenantNamed(flags: Place & { readonly tenant: string }): Promise<TenantId> {
  await using house = await openHouse(flags);
  return (await getTenant(house, flags.tenant)).id;
}
