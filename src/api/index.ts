export { type AnswerOf, ApiProblem, type Client, client, type RequestOf } from './client.ts';
export { API_ERRORS, ApiError, type ApiErrorCode } from './errors.ts';
export { openApi, rolesOf } from './openapi.ts';
export type { Route } from './route.ts';
export { API_BASE, type RouteName, ROUTES, type Routes } from './routes.ts';
