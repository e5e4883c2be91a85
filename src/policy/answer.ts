import { z } from 'zod';
import type { PolicyDecision } from '#domain/policy-decision.ts';
import { PolicyError } from './errors.ts';

const text = z.string().min(1);
const reason = z.strictObject({ code: text, msg: text, field: text, fix: text });
const schema = z.strictObject({
  allow: z.boolean(),
  reasons: z.array(reason).readonly(),
  obligations: z.array(z.strictObject({ kind: z.literal('person'), because: reason })).readonly(),
});

/** Reads what an engine said. Throws POLICY_ANSWER_MALFORMED unless it is a decision that agrees with its own reasons. */
export function readAnswer(answer: unknown): Pick<PolicyDecision, 'allow' | 'reasons' | 'obligations'> {
  const read = schema.safeParse(answer);
  if (!read.success) {
    const [issue] = read.error.issues;
    const where = issue === undefined || issue.path.length === 0 ? 'it' : issue.path.join('.');
    throw new PolicyError(
      'POLICY_ANSWER_MALFORMED',
      `the engine gave no decision: ${where}: ${issue?.message ?? 'unknown'}`,
    );
  }
  const { allow, reasons } = read.data;
  if (allow === reasons.length > 0) {
    throw new PolicyError(
      'POLICY_ANSWER_MALFORMED',
      `the engine contradicts itself: allow is ${allow} with ${reasons.length} reasons`,
    );
  }
  return read.data;
}
