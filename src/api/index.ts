export { type AnswerOf, ApiProblem, type Client, client, type RequestOf } from './client.ts';
export { ApiError, type ApiErrorCode } from './errors.ts';
export { openApi, rolesOf } from './openapi.ts';
export type { Route } from './route.ts';
export type { Transport } from './ports.ts';
export {
  type AccessRoute,
  type FleetRoute,
  type GovernanceRoute,
  API_BASE,
  type OverrideRoute,
  type PluginRoute,
  type RouteName,
  ROUTES,
  type Routes,
  type TenantRoute,
  type WebhookRoute,
  type WorkRoute,
} from './routes.ts';
