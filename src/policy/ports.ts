import type { PolicyDecision, PolicyInput } from '#domain/policy-decision.ts';

/** One engine: `builtin` (a table over tenant data), OPA compiled to WASM, or an OPA server. */
export interface PolicyEngine {
  readonly name: string;
  /** Never throws: an engine that cannot answer denies with a reason that says so. */
  decide(input: PolicyInput, signal?: AbortSignal): Promise<Omit<PolicyDecision, 'id'>>;
}
