import type { DecisionDocument } from '#app/views/decisions.ts';

/** One automatic decision for a person: what, by which rule and numbers, and the next step. */
export function decisionLines(decision: DecisionDocument): string {
  const when = new Date(decision.at).toISOString().slice(0, 19);
  const facts = decision.facts.map(({ name, value }) => `  ${name}: ${value}`);
  return [
    `${when} ${decision.event} ${decision.tenant}${decision.task === null ? '' : ` ${decision.task}`}: ${decision.decision}`,
    `  rule: ${decision.rule}`,
    ...decision.reasons.map(({ code, msg }) => `  ${code}: ${msg}`),
    ...facts,
    `  next: ${decision.nextStep}`,
  ].join('\n');
}
