import type { Json } from '#kernel/json.ts';
import { distrust, revoke, trust } from '#app/plugin/belief.ts';
import type { PluginRoute } from '#api/index.ts';
import type { Handlers } from '../call.ts';

/** Signatures and the WASM runner are not what other requests wait for. */
const loadMarket = () => import('#app/plugin/market.ts');

/** Skills in their sandbox, and whom the installation believes about them. */
export const PLUGINS: Handlers<PluginRoute> = {
  searchPlugins: async ({ house, query }) => {
    const found = await (await loadMarket()).searchStore(house, query.text);
    return {
      items: found.map(({ name, version, publisher, license, summary, versions }) => {
        return { name, version, publisher, license, summary, versions };
      }),
    };
  },
  listPlugins: async ({ house, tenant }) => {
    const tools = await (await loadMarket()).listPlugins(house, tenant.id);
    return { items: tools.map(({ id, version, digest, rights }) => ({ id, version, digest, rights })) };
  },
  installPlugin: async ({ house, tenant, body, caller }) => {
    const { installPlugin } = await loadMarket();
    let plugin = null;
    const asked = { tenant: tenant.id, reference: body.reference, by: caller.principal };
    const answer = await installPlugin(house, asked, ({ verified, rights }) => {
      const { name: id, version } = verified.manifest;
      plugin = { id, version, digest: verified.digests.module, rights };
      return Promise.resolve(body.approve);
    });
    return { installed: answer.ok, plugin, reasons: answer.ok ? [] : answer.reasons };
  },
  removePlugin: async ({ house, tenant, params, caller }) => {
    await (await loadMarket()).removePlugin(house, params.plugin, tenant.id, caller.principal);
    return { removed: true };
  },
  runPlugin: async ({ house, tenant, params, body, caller, signal }) => {
    const { runPlugin } = await loadMarket();
    // The cast is true: it was parsed from JSON.
    const input = body.input as Json;
    const asked = { tenant: tenant.id, id: params.plugin, input, repo: null, by: caller.principal };
    return runPlugin(house, asked, signal);
  },
  trustPublisher: async ({ house, params, body, caller }) => {
    await trust(house, { name: params.publisher, namespace: body.namespace, pem: body.key }, caller.principal);
    return { publisher: params.publisher, believed: true };
  },
  distrustPublisher: async ({ house, params, caller }) => {
    await distrust(house, params.publisher, caller.principal);
    return { publisher: params.publisher, believed: false };
  },
  revokeModule: async ({ house, params, body, caller }) => {
    const module = { digest: params.digest, because: body.because };
    await revoke(house, module, caller.principal);
    return module;
  },
};
