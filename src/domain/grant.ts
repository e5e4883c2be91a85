import type { TenantId } from './ids.ts';

/** What people, services and agents can be made, from least to most. */
export const ROLES = ['viewer', 'operator', 'approver', 'tenant-admin', 'platform-admin'] as const;
export type Role = (typeof ROLES)[number];

/** The conductor and the agents in its runs have a role of their own, which is never given to anybody else. */
export type GrantedRole = Role | 'conductor';

/** Stands for every tenant, and for the installation itself. No tenant can be called so. */
export const EVERYWHERE = '*';

/** A role in one tenant, or everywhere. */
export type Grant = { readonly role: GrantedRole; readonly tenant: TenantId | typeof EVERYWHERE };
