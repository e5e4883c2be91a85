import { fileURLToPath } from 'node:url';
import { PARTS, pluginFolders, readPackageFolder, readPartText } from '#adapters/plugin-build/folder.ts';
import type { Principal } from '#domain/action.ts';
import type { Tenant } from '#domain/tenant.ts';
import type { InstallPlan } from '#plugins/index.ts';
import type { House } from '../house.ts';
import { decide, perform, type Request } from '../perform.ts';

/** The folder of the plugins that come with the product. */
export const SHIPPED_PLUGINS = fileURLToPath(new URL('../../../plugins', import.meta.url));

/**
 * Grants a tenant the plugins that come with the product, as far as policy lets it. What the tenant has, or once had and
 * gave back, stays as it is; a newer shipped version is taken when it asks for no more rights. Twice is as once.
 */
export async function grantShipped(house: House, tenant: Tenant): Promise<void> {
  const { books, store, offered } = await house.plugins.parts();
  if (offered.has(tenant.id)) return;
  const { choose, listings, publish, readManifest } = await import('#plugins/index.ts'); // by then it is loaded
  const grants = new Map((await books.grants(tenant.id)).map((grant) => [grant.plugin, grant]));
  for (const folder of await pluginFolders(SHIPPED_PLUGINS)) {
    const manifest = readManifest(await readPartText(folder, PARTS.manifest));
    const known = grants.get(manifest.name);
    if (known !== undefined && (known.withdrawn || known.version === manifest.version)) continue;
    const reference = `${manifest.name}@${manifest.version}`;
    if (choose(await listings(store), reference) === null)
      await publish(store, await readPackageFolder(folder), manifest);
    const planned = await house.plugins.plan(tenant.id, reference);
    if (!planned.ok || (known !== undefined && planned.plan.more.length > 0)) continue;
    const held = [{ role: 'conductor', tenant: tenant.id }] as const;
    const by: Principal = { id: house.system, kind: 'service', grants: held };
    // Policy may keep it from this tenant; nobody asked for it, so that is no denial to put on record.
    const { allow } = await decide(house, grantRequest(tenant, planned.plan, by));
    if (allow) await grantPlan(house, tenant, planned.plan, by);
  }
  offered.add(tenant.id);
}

/** Writes a grant, decided as `plugin.install`. Throws `Refusal`. */
export async function grantPlan(house: House, tenant: Tenant, plan: InstallPlan, by: Principal): Promise<void> {
  const request = { ...grantRequest(tenant, plan, by), name: 'plugin.install' } as const;
  await perform(house, request, (tx) => house.plugins.install(tx, tenant.id, plan, by.id));
}

function grantRequest(tenant: Tenant, plan: InstallPlan, principal: Principal): Request {
  const { manifest, digests } = plan.verified;
  const attributes = {
    plugin: manifest.name,
    publisher: manifest.publisher,
    licences: [manifest.license],
    rights: plan.rights,
    digest: digests.module,
  };
  const resource = { kind: 'plugin', id: `${manifest.name}@${manifest.version}`, attributes };
  return { name: 'plugin.install', principal, tenant, resource };
}
