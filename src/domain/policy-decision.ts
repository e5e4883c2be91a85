import type { Action } from './action.ts';
import type { DecisionId, OverrideId } from './ids.ts';
import type { Reason } from './reason.ts';
import type { Tenant } from './tenant.ts';

/** What every policy engine reads: the action and the tenant's settings as data. */
export interface PolicyInput {
  readonly action: Action;
  readonly tenant: Tenant;
}

/** Conditions under which something is allowed: `person` means that a human must approve before it takes effect. */
export type Obligation = { readonly kind: 'person'; readonly because: Reason };

export interface PolicyDecision {
  readonly id: DecisionId;
  readonly allow: boolean;
  /** Why not; empty when allowed without an override. */
  readonly reasons: readonly Reason[];
  readonly obligations: readonly Obligation[];
  /** `builtin`, `opa-wasm` or `opa-server`. */
  readonly engine: string;
  /** SHA-256 over rules and data version that decided. */
  readonly policyDigest: string;
  /** Id under which the engine itself logged the decision; only an OPA server has one. */
  readonly engineDecision?: string;
  /** The override that lifted the refusals that `reasons` tells of. */
  readonly override?: OverrideId;
}
