import { z } from 'zod';
import type { Millis } from '#kernel/clock.ts';
import type { Action } from '#domain/action.ts';
import type { Override } from '#domain/override.ts';
import type { PolicyDecision } from '#domain/policy-decision.ts';
import { isoTime } from '#kernel/iso-time.ts';
import { statement, type Statement, type Subject } from '../statement.ts';
import { POLICY_DECISIONS } from '../uris.ts';

const reason = z.object({ code: z.string(), msg: z.string(), field: z.string(), fix: z.string() });

/** The exception that lifted the reasons of an allowed decision. */
const overrideSchema = z.object({
  id: z.string(),
  reason: z.string(),
  requestedBy: z.string(),
  approvedBy: z.string(),
  expiresAt: z.string(),
});

/** Every policy decision of one task, in order. */
export const policyDecisionsSchema = z.object({
  decisions: z.array(
    z.object({
      id: z.string(),
      at: z.string(),
      action: z.string(),
      principal: z.object({ id: z.string(), kind: z.string(), delegatedBy: z.string().nullable() }),
      resource: z.object({ kind: z.string(), id: z.string() }),
      allow: z.boolean(),
      reasons: z.array(reason),
      needsPerson: z.array(reason),
      engine: z.string(),
      policySha256: z.string(),
      override: overrideSchema.optional(),
    }),
  ),
});

/** What policy said, and to which action. */
export interface DecidedAction extends PolicyDecision {
  readonly action: Action;
  readonly at: Millis;
  /** The override of the decision, where it has one. */
  readonly exception?: Override;
}

function overrideOf({ id, reason, requestedBy, approvedBy, expiresAt }: Override): z.infer<typeof overrideSchema> {
  return { id, reason, requestedBy, approvedBy: approvedBy ?? '', expiresAt: isoTime(expiresAt) };
}

export function policyDecisionsStatement(subject: Subject, decided: readonly DecidedAction[]): Statement {
  const decisions = decided.map(({ action, ...decision }) => ({
    id: decision.id,
    at: isoTime(decision.at),
    action: action.name,
    principal: {
      id: action.principal.id,
      kind: action.principal.kind,
      delegatedBy: action.principal.delegatedBy ?? null,
    },
    resource: { kind: action.resource.kind, id: action.resource.id },
    allow: decision.allow,
    reasons: decision.reasons.map((each) => ({ ...each })),
    needsPerson: decision.obligations.map(({ because }) => ({ ...because })),
    engine: decision.engine,
    policySha256: decision.policyDigest,
    ...(decision.exception === undefined ? {} : { override: overrideOf(decision.exception) }),
  }));
  return statement({ subject: [subject], predicateType: POLICY_DECISIONS, predicate: { decisions } });
}
