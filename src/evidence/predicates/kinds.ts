import type { z } from 'zod';
import {
  AUDIT_PRUNED,
  AUDIT_SEGMENT,
  DECISION_CARD,
  LANDING,
  PLUGINS,
  POLICY_DECISIONS,
  PROVENANCE,
  SUMMARY,
  TEST_RESULT,
} from '../uris.ts';
import { auditPrunedSchema } from './audit-pruned.ts';
import { auditSegmentSchema } from './audit-segment.ts';
import { decisionCardSchema } from './decision-card.ts';
import { landingSchema } from './landing.ts';
import { pluginsSchema } from './plugins.ts';
import { policyDecisionsSchema } from './policy-decisions.ts';
import { provenanceSchema } from './provenance.ts';
import { summarySchema } from './summary.ts';
import { testResultSchema } from './test-result.ts';

/** The kinds of statements, each with its predicate type and the schema that reads it back. */
export const KINDS = Object.freeze({
  provenance: { predicateType: PROVENANCE, schema: provenanceSchema },
  'test-result': { predicateType: TEST_RESULT, schema: testResultSchema },
  'policy-decisions': { predicateType: POLICY_DECISIONS, schema: policyDecisionsSchema },
  'decision-card': { predicateType: DECISION_CARD, schema: decisionCardSchema },
  plugins: { predicateType: PLUGINS, schema: pluginsSchema },
  landing: { predicateType: LANDING, schema: landingSchema },
  summary: { predicateType: SUMMARY, schema: summarySchema },
  'audit-pruned': { predicateType: AUDIT_PRUNED, schema: auditPrunedSchema },
  'audit-segment': { predicateType: AUDIT_SEGMENT, schema: auditSegmentSchema },
} satisfies { readonly [kind: string]: { readonly predicateType: string; readonly schema: z.ZodType } });

export type StatementKind = keyof typeof KINDS;

/** Name of the statement that closes a dossier. */
export const CLOSING = 'summary' satisfies StatementKind;

// The cast is true: these are the table's own keys.
const NAMES = Object.keys(KINDS) as readonly StatementKind[];

/** A name is its kind, or its kind and a number from 2 on when there are several: `test-result`, `test-result-2`. */
export function kindOf(name: string): StatementKind | undefined {
  const kind = name.replace(/-([2-9]|[1-9]\d)$/, '');
  return NAMES.find((each) => each === kind);
}
