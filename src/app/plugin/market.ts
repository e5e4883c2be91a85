import { readJsonFile } from '#adapters/files/index.ts';
import { readPackageFolder } from '#adapters/plugin-build/folder.ts';
import { openLayout } from '#adapters/plugin-store/layout.ts';
import { ociRegistry } from '#adapters/plugin-store/registry.ts';
import type { RegistryCredentials } from '#adapters/plugin-store/registry-login.ts';
import type { Principal } from '#domain/action.ts';
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
  type PluginTool,
  publish,
  push,
  readManifest,
  type RunResult,
  search,
  type VerifyAnswer,
  verifyPackage,
} from '#plugins/index.ts';
import type { House } from '../house.ts';
import { perform } from '../perform.ts';
import { getTenant } from '../tenants/tenants.ts';
import { callPlugin } from './call.ts';
import { grantPlan, grantShipped } from './shipped.ts';

/** `https://registry.example/team/plugins`: the registry, and the prefix of its repositories (or one repository). */
function registryAt(address: string): { readonly url: string; readonly prefix: string } {
  const { origin, pathname } = new URL(address);
  return { url: origin, prefix: pathname.replace(/^\/+|\/+$/g, '') };
}

/** `plugin verify`: proves a folder against this installation's trust root. */
export async function verifyFolder(house: House, folder: string): Promise<VerifyAnswer> {
  const { trust } = await house.plugins.parts();
  const now = house.clock.now();
  const root = await currentTrust(trust.books, { keys: [trust.root.publicKeyPem], threshold: 1 }, now);
  if (!root.ok) return root;
  return verifyPackage(await readPackageFolder(folder), { trust: root.root, now, highestSeen: null });
}

/** `plugin publish`: into the store of this installation, and to a registry when one is named. Gives the digest. */
export async function publishFolder(house: House, folder: string, to?: string): Promise<Listing> {
  const parts = await house.plugins.parts();
  const { store } = parts;
  const plugin = await readPackageFolder(folder);
  const manifest = readManifest(new TextDecoder().decode(plugin.manifest));
  const listing = await publish(store, plugin, manifest);
  if (to !== undefined) {
    const { url, prefix } = registryAt(to);
    await push(ociRegistry({ url, ...login(parts.credentials()) }), prefix, plugin, manifest);
  }
  return listing;
}

/** `plugin search`. */
export async function searchStore(house: House, text: string): Promise<readonly Found[]> {
  const { store } = await house.plugins.parts();
  return search(await listings(store), text);
}

/** `plugin mirror`: copies a repository of a registry (`https://...`), or another layout folder, into this store. */
export async function mirrorInto(house: House, from: string): Promise<readonly Listing[]> {
  const parts = await house.plugins.parts();
  const { store } = parts;
  if (!/^https?:\/\//.test(from)) return mirrorStore(await openLayout(from), store);
  const { url, prefix } = registryAt(from);
  return mirrorRepository(ociRegistry({ url, ...login(parts.credentials()) }), prefix, store);
}

function login(credentials: RegistryCredentials | undefined): { readonly credentials?: RegistryCredentials } {
  return credentials === undefined ? {} : { credentials };
}

/** `plugin install`, also for upgrades: shows the plan to `approve`, and installs only when it says yes. Throws `Refusal`. */
export async function installPlugin(
  house: House,
  request: { tenant: string; reference: string; catalog?: string; by: Principal },
  approve: (plan: InstallPlan) => Promise<boolean>,
): Promise<{ ok: true; plan: InstallPlan } | { ok: false; reasons: readonly Reason[] }> {
  const tenant = await getTenant(house, request.tenant);
  await grantShipped(house, tenant); // so that the shipped ones are in the store too
  const planned = await house.plugins.plan(tenant.id, request.reference, request.catalog);
  if (!planned.ok) return planned;
  if (!(await approve(planned.plan))) {
    const fix = 'Approve the rights, or ask the author for a plugin that needs fewer';
    return {
      ok: false,
      reasons: [{ code: 'NOT_APPROVED', msg: 'the rights were not approved', field: 'permissions', fix }],
    };
  }
  await grantPlan(house, tenant, planned.plan, request.by);
  return planned;
}

/** `plugin remove`: takes a grant back, also one of the shipped plugins. Throws PLUGIN_UNKNOWN and `Refusal`. */
export async function removePlugin(house: House, id: string, tenantId: string, by: Principal): Promise<void> {
  const tenant = await getTenant(house, tenantId);
  const resource = { kind: 'plugin', id, attributes: { plugin: id, licences: [] } };
  const request = { name: 'plugin.install', principal: by, tenant, resource } as const;
  await grantShipped(house, tenant); // so that giving back what was never used holds too
  await perform(house, request, (tx) => house.plugins.remove(tx, tenant.id, id));
}

/** `plugin list`. */
export async function listPlugins(house: House, tenantId: string): Promise<readonly PluginTool[]> {
  const tenant = await getTenant(house, tenantId);
  await grantShipped(house, tenant);
  return house.plugins.list(tenant.id);
}

/** What a plugin is given from a file. Throws JSON_FILE_UNREADABLE. */
export async function readInput(file: string): Promise<Json> {
  // The cast is true: it was parsed from JSON.
  return (await readJsonFile(file)) as Json;
}

/** `plugin run NAME --input FILE --repo DIR`, in the shape that `--json` promises. */
export async function runPlugin(
  house: House,
  request: { tenant: string; id: string; input: Json; repo: string | null; by: Principal },
  signal: AbortSignal,
): Promise<{ readonly [name: string]: Json }> {
  const tenant = await getTenant(house, request.tenant);
  const { id, input, repo: workspace, by } = request;
  const result = await callPlugin(house, { tenant, principal: by }, { id, input, workspace }, signal);
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
