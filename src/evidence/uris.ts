import type { RepoId } from '#domain/ids.ts';

/** Predicate types: those of in-toto and SLSA where they exist, our own where they do not. */
export const PROVENANCE = 'https://slsa.dev/provenance/v1';
export const TEST_RESULT = 'https://in-toto.io/attestation/test-result/v0.1';
export const SUMMARY = 'https://slsa.dev/verification_summary/v1';
export const POLICY_DECISIONS = 'https://maestro-conductor.dev/policy-decisions/v1';
export const DECISION_CARD = 'https://maestro-conductor.dev/decision-card/v1';
export const PLUGINS = 'https://maestro-conductor.dev/plugins/v1';
export const LANDING = 'https://maestro-conductor.dev/landing/v1';
export const AUDIT_PRUNED = 'https://maestro-conductor.dev/audit-pruned/v1';
export const AUDIT_SEGMENT = 'https://maestro-conductor.dev/audit-segment/v1';

export function repoUri(repo: RepoId): string {
  return `maestro:repo/${repo}`;
}
