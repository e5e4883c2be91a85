import { readJsonFile } from '#adapters/files/index.ts';
import { PARTS, pluginFolders, readPackageFolder, readPartText } from '#adapters/plugin-build/folder.ts';
import { openLayout } from '#adapters/plugin-store/layout.ts';
import { ociRegistry } from '#adapters/plugin-store/registry.ts';
import type { TenantId } from '#domain/ids.ts';
import type { Reason } from '#domain/reason.ts';
import type { Json } from '#kernel/json.ts';
import {
  currentTrust,
  type Found,
  type InstallPlan,
  type Listing,
  listings,
  mirrorRepository,
  mirrorStore,
  publish,
  push,
  readManifest,
  type RunResult,
  search,
  type VerifyAnswer,
  verifyPackage,
} from '#plugins/index.ts';
import { type PluginHouse, SHIPPED_PLUGINS } from './open.ts';

/** A registry: address, prefix of its repositories, and what to send as authorization. */
export interface RegistryAddress {
  readonly url: string;
  readonly prefix: string;
  readonly authorization?: string;
}

/** `plugin verify`: proves a folder against this installation's trust root. */
export async function verifyFolder({ state, root, home }: PluginHouse, folder: string): Promise<VerifyAnswer> {
  const now = home.clock.now();
  const trust = await currentTrust(state, { keys: [root.publicKeyPem], threshold: 1 }, now);
  if (!trust.ok) return trust;
  return verifyPackage(await readPackageFolder(folder), { trust: trust.root, now, highestSeen: null });
}

/** `plugin publish`: into the store of this installation, and to a registry when one is named. Gives the digest. */
export async function publishFolder({ store }: PluginHouse, folder: string, to?: RegistryAddress): Promise<Listing> {
  const plugin = await readPackageFolder(folder);
  const manifest = readManifest(new TextDecoder().decode(plugin.manifest));
  const listing = await publish(store, plugin, manifest);
  if (to !== undefined) await push(ociRegistry(to), to.prefix, plugin, manifest);
  return listing;
}

/** `plugin search`. */
export async function searchStore({ store }: PluginHouse, text: string): Promise<readonly Found[]> {
  return search(await listings(store), text);
}

/** `plugin mirror`: copies a repository of a registry, or another layout folder, into this store. */
export async function mirrorInto(
  { store }: PluginHouse,
  from: RegistryAddress | { folder: string },
): Promise<readonly Listing[]> {
  if ('folder' in from) return mirrorStore(await openLayout(from.folder), store);
  return mirrorRepository(ociRegistry(from), from.prefix, store);
}

/** `plugin install`, also for upgrades: shows the plan to `approve`, and installs only when it says yes. */
export async function installPlugin(
  { plugins }: PluginHouse,
  request: { tenant: TenantId; reference: string; by: string; catalog?: string },
  approve: (plan: InstallPlan) => Promise<boolean>,
): Promise<{ ok: true; plan: InstallPlan } | { ok: false; reasons: readonly Reason[] }> {
  const planned = await plugins.plan(request.tenant, request.reference, request.catalog);
  if (!planned.ok) return planned;
  if (!(await approve(planned.plan))) {
    const fix = 'Approve the rights, or ask the author for a plugin that needs fewer';
    return {
      ok: false,
      reasons: [{ code: 'NOT_APPROVED', msg: 'the rights were not approved', field: 'permissions', fix }],
    };
  }
  await plugins.install(request.tenant, planned.plan, request.by);
  return planned;
}

/** Publishes the plugins that come with the product into the store and installs them for a tenant. Twice is as once. */
export async function installShipped(house: PluginHouse, tenant: TenantId, by: string): Promise<void> {
  const have = new Map((await house.plugins.list(tenant)).map(({ id, version }) => [id, version]));
  for (const folder of await pluginFolders(SHIPPED_PLUGINS)) {
    const manifest = readManifest(await readPartText(folder, PARTS.manifest));
    if (have.get(manifest.name) === manifest.version) continue;
    await publishFolder(house, folder);
    await installPlugin(house, { tenant, reference: `${manifest.name}@${manifest.version}`, by }, async () => true);
  }
}

/** What a plugin is given from a file. Throws JSON_FILE_UNREADABLE. */
export async function readInput(file: string): Promise<Json> {
  // The cast is true: it was parsed from JSON.
  return (await readJsonFile(file)) as Json;
}

/** `plugin run NAME --input FILE --repo DIR`, in the shape that `--json` promises. */
export async function runPlugin(
  { plugins }: PluginHouse,
  request: { tenant: string; id: string; input: Json; repo: string | null },
  signal: AbortSignal,
): Promise<{ readonly [name: string]: Json }> {
  const result = await plugins.run(
    // The cast is true as a question: for a tenant that does not exist nothing is installed.
    request.tenant as TenantId,
    { id: request.id, input: request.input, workspace: request.repo },
    signal,
  );
  return result.ok
    ? okDocument(result)
    : { ok: false, code: result.code, reasons: result.reasons.map((one) => ({ ...one })) };
}

function okDocument({ output, meters, edited, identity }: Extract<RunResult, { ok: true }>): {
  readonly [name: string]: Json;
} {
  const { fuel, wallMs, memoryBytes, hostCalls } = meters;
  return {
    ok: true,
    output,
    fuel,
    wallMs,
    memoryBytes,
    hostCalls,
    edited,
    version: identity.version,
    digest: identity.digests.module,
  };
}

/** What the agents room asks of plugins, for one tenant. */
export function pluginHostFor({ plugins }: PluginHouse, tenant: TenantId) {
  return {
    list: () => plugins.list(tenant),
    call: async (request: { id: string; input: Json; workspace: string }, signal: AbortSignal) => {
      const result = await plugins.run(tenant, request, signal);
      if (result.ok) return { ok: true as const, output: result.output, fuel: result.meters.fuel };
      return { ok: false as const, code: result.code, reasons: result.reasons.map(({ msg }) => msg) };
    },
  };
}
