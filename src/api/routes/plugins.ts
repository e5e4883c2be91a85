import { z } from 'zod';
import { route } from '../route.ts';
import { inTenant, json, name, reason, tenantId, text } from '../schemas.ts';

const offeredPlugin = z.object({
  name: z.string(),
  version: z.string(),
  publisher: z.string(),
  license: z.string(),
  summary: z.string(),
  versions: z.array(z.string()),
});

const installedPlugin = z.object({
  id: z.string(),
  version: z.string(),
  digest: z.string(),
  rights: z.array(z.string()),
});

const pluginRun = z.record(z.string(), json);

const ofPlugin = z.strictObject({ tenant: tenantId, plugin: name });

/** Skills in their sandbox, and whom the installation believes about them. Making and signing them is the author's own machine's. */
export const PLUGIN_ROUTES = {
  searchPlugins: route({
    method: 'GET',
    path: '/plugins',
    group: 'Plugins',
    summary: 'Find plugins in the store by name, summary, publisher or licence',
    action: 'signed-in',
    query: z.strictObject({ text: text(200).default('') }),
    answer: z.object({ items: z.array(offeredPlugin) }),
  }),
  listPlugins: route({
    method: 'GET',
    path: '/tenants/{tenant}/plugins',
    group: 'Plugins',
    summary: 'List the plugins of a tenant with their rights',
    action: 'plugin.load',
    params: inTenant,
    answer: z.object({ items: z.array(installedPlugin) }),
  }),
  installPlugin: route({
    method: 'POST',
    path: '/tenants/{tenant}/plugins',
    group: 'Plugins',
    summary:
      'Install or upgrade a plugin (NAME or NAME@VERSION); without `approve` its rights are shown and nothing is installed',
    action: 'plugin.install',
    params: inTenant,
    body: z.strictObject({ reference: name, approve: z.boolean().default(false) }),
    answer: z.object({ installed: z.boolean(), plugin: installedPlugin.nullable(), reasons: z.array(reason) }),
  }),
  removePlugin: route({
    method: 'DELETE',
    path: '/tenants/{tenant}/plugins/{plugin}',
    group: 'Plugins',
    summary: 'Take a plugin back from a tenant',
    action: 'plugin.install',
    params: ofPlugin,
    answer: z.object({ removed: z.literal(true) }),
  }),
  runPlugin: route({
    method: 'POST',
    path: '/tenants/{tenant}/plugins/{plugin}/run',
    group: 'Plugins',
    summary: 'Run a plugin on an input; it sees no repository',
    action: 'plugin.load',
    params: ofPlugin,
    body: z.strictObject({ input: json }),
    answer: pluginRun,
  }),
  trustPublisher: route({
    method: 'PUT',
    path: '/publishers/{publisher}',
    group: 'Plugins',
    summary: 'Believe a public key (PEM) of a publisher, for a year, about names that begin with the namespace',
    action: 'plugin.trust',
    params: z.strictObject({ publisher: name }),
    body: z.strictObject({ namespace: z.string().min(1).max(100), key: text(10_000) }),
    answer: z.object({ publisher: z.string(), believed: z.boolean() }),
  }),
  distrustPublisher: route({
    method: 'DELETE',
    path: '/publishers/{publisher}',
    group: 'Plugins',
    summary: 'Believe a publisher no more: nothing that it signed loads',
    action: 'plugin.trust',
    params: z.strictObject({ publisher: name }),
    answer: z.object({ publisher: z.string(), believed: z.boolean() }),
  }),
  revokeModule: route({
    method: 'PUT',
    path: '/modules/{digest}/revoked',
    group: 'Plugins',
    summary: 'Run one module (its SHA-256) no more, for any tenant',
    action: 'plugin.trust',
    params: z.strictObject({ digest: z.string().regex(/^[0-9a-f]{64}$/) }),
    body: z.strictObject({ because: z.string().min(1).max(500) }),
    answer: z.object({ digest: z.string(), because: z.string() }),
  }),
};
