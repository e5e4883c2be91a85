import { z } from 'zod';
import type { DecisionCard } from '#domain/decision-card.ts';
import { renderCard } from '../card.ts';
import { statement, type Statement, type Subject } from '../statement.ts';
import { DECISION_CARD } from '../uris.ts';

/** A Decision Card and its readable text: `card.md` is that text, whatever later versions render. */
export const decisionCardSchema = z.object({
  card: z.object({
    task: z.string(),
    tenant: z.string(),
    title: z.string(),
    decision: z.string(),
    reasons: z.array(z.object({ code: z.string(), msg: z.string(), field: z.string(), fix: z.string() })),
    facts: z.array(z.object({ name: z.string(), value: z.string() })),
    costNano: z.int(),
    gramsCo2e: z.number().nullable(),
    warnings: z.array(z.string()),
    nextStep: z.string(),
  }),
  text: z.string(),
});

export function decisionCardStatement(subject: Subject, card: DecisionCard): Statement {
  const predicate = {
    card: {
      task: card.task,
      tenant: card.tenant,
      title: card.title,
      decision: card.decision,
      reasons: card.reasons.map((each) => ({ ...each })),
      facts: card.facts.map((each) => ({ ...each })),
      costNano: card.costNano,
      gramsCo2e: card.gramsCo2e,
      warnings: card.warnings,
      nextStep: card.nextStep,
    },
    text: renderCard(card),
  };
  return statement({ subject: [subject], predicateType: DECISION_CARD, predicate });
}
