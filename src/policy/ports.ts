import type { PolicyDecision, PolicyInput } from '#domain/policy-decision.ts';

/** One engine: `builtin` (a table over tenant data), OPA compiled to WASM, or an OPA server. */
export interface PolicyEngine {
  readonly name: string;
  /** Never throws: an engine that cannot answer denies with a reason that says so. */
  decide(input: PolicyInput, signal?: AbortSignal): Promise<Omit<PolicyDecision, 'id'>>;
}

/** What an engine outside of this program said; nobody has read it yet. */
export interface PolicyAnswer {
  readonly answer: unknown;
  /** SHA-256 over the rules that answered. */
  readonly policyDigest: string;
  /** Id under which the engine logged the decision; only a server has one. */
  readonly engineDecision?: string;
}

/** The way to an engine outside of this program. Throws a MaestroError when it gives no answer; `outsideEngine` turns that into a denial. */
export interface PolicySource {
  readonly name: string;
  /** SHA-256 over the rules as far as it is known without asking; empty when it is not. */
  readonly policyDigest: string;
  ask(input: PolicyInput, signal?: AbortSignal): Promise<PolicyAnswer>;
}
