import { ACCESS_ROUTES } from './routes/access.ts';
import { FLEET_ROUTES } from './routes/fleet.ts';
import { GOVERNANCE_ROUTES } from './routes/governance.ts';
import { OVERRIDE_ROUTES } from './routes/overrides.ts';
import { PLUGIN_ROUTES } from './routes/plugins.ts';
import { TENANT_ROUTES } from './routes/tenants.ts';
import { WEBHOOK_ROUTES } from './routes/webhooks.ts';
import { WORK_ROUTES } from './routes/work.ts';

/** Every request that programs may make, by the name that the client calls it. */
export const ROUTES = Object.freeze({
  ...ACCESS_ROUTES,
  ...TENANT_ROUTES,
  ...WORK_ROUTES,
  ...OVERRIDE_ROUTES,
  ...WEBHOOK_ROUTES,
  ...FLEET_ROUTES,
  ...GOVERNANCE_ROUTES,
  ...PLUGIN_ROUTES,
});

export type AccessRoute = keyof typeof ACCESS_ROUTES;
export type FleetRoute = keyof typeof FLEET_ROUTES;
export type GovernanceRoute = keyof typeof GOVERNANCE_ROUTES;
export type PluginRoute = keyof typeof PLUGIN_ROUTES;
export type OverrideRoute = keyof typeof OVERRIDE_ROUTES;
export type TenantRoute = keyof typeof TENANT_ROUTES;
export type WebhookRoute = keyof typeof WEBHOOK_ROUTES;
export type WorkRoute = keyof typeof WORK_ROUTES;
export type Routes = typeof ROUTES;
export type RouteName = keyof Routes;

/** Where the table is served. */
export const API_BASE = '/api/v1';
