import type { Brand } from '#kernel/brand.ts';

/** A team of the company. Chosen by people: lower-case letters, digits and dashes. */
export type TenantId = Brand<string, 'TenantId'>;
/** `<tenant>/<name>`; one bare repository of one tenant. */
export type RepoId = Brand<string, 'RepoId'>;
export type TaskId = Brand<string, 'TaskId'>;
export type RunId = Brand<string, 'RunId'>;
export type ChangeId = Brand<string, 'ChangeId'>;
export type OverrideId = Brand<string, 'OverrideId'>;
export type DecisionId = Brand<string, 'DecisionId'>;
/** `human:ada`, `service:ci` or `agent:recipe`. */
export type PrincipalId = Brand<string, 'PrincipalId'>;
/** Full object name of a git commit or tree, 40 lower-case hex digits. */
export type GitOid = Brand<string, 'GitOid'>;
