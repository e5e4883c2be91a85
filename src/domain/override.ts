import type { Millis } from '#kernel/clock.ts';
import type { ActionName } from './action.ts';
import type { OverrideId, PrincipalId, RepoId, TaskId, TenantId } from './ids.ts';

/** To what an override is limited, each beside tenant, action and codes. What is absent does not limit. */
export interface OverrideScope {
  readonly repo?: RepoId;
  readonly task?: TaskId;
  /** Globs; every path of the action must match one. */
  readonly paths?: readonly string[];
}

/** What was asked for; it never changes, so that a scope cannot be widened after it was approved. */
export interface OverrideRequest {
  readonly id: OverrideId;
  readonly tenant: TenantId;
  readonly action: ActionName;
  /** Codes of refusals that it lifts. */
  readonly codes: readonly string[];
  readonly scope: OverrideScope;
  readonly reason: string;
  readonly requestedBy: PrincipalId;
  readonly requestedAt: Millis;
  readonly expiresAt: Millis;
  readonly maxUses: number;
}

/** An exception to policy: asked for by one principal, approved by another person, limited in scope, time and number. */
export interface Override extends OverrideRequest {
  readonly uses: number;
  readonly approvedBy?: PrincipalId;
  readonly approvedAt?: Millis;
  readonly revokedBy?: PrincipalId;
  readonly revokedAt?: Millis;
}

export type OverrideState = 'requested' | 'active' | 'used_up' | 'expired' | 'revoked';
