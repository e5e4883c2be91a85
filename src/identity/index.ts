export { type ApiKey, newApiKey, readApiKey } from './api-key.ts';
export { cutDown, keyGrants, type KeyScope } from './effective.ts';
export { IdentityError, type IdentityErrorCode } from './errors.ts';
export { grantsOfGroups, type GroupMap, groupMap } from './groups.ts';
export { principalId } from './principal-id.ts';
export type { SignedIn, TokenVerifier } from './ports.ts';
