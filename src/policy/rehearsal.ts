import type { PolicyDecision } from '#domain/policy-decision.ts';

type Decided = Pick<PolicyDecision, 'allow' | 'reasons' | 'obligations'>;

/** What a decision comes to: done at once, done once a person has approved, or not done. */
type Outcome = 'allowed' | 'person' | 'denied';

/** What one change of policy does to one recorded decision. */
export type Difference = {
  readonly decision: string;
  readonly at: number;
  readonly tenant: string;
  readonly action: string;
  readonly resource: string;
  readonly before: Outcome;
  readonly after: Outcome;
  /** Codes that were told before and after. */
  readonly codes: { readonly before: readonly string[]; readonly after: readonly string[] };
};

function outcomeOf({ allow, obligations }: Decided): Outcome {
  if (!allow) return 'denied';
  return obligations.length > 0 ? 'person' : 'allowed';
}

/** The difference between two decisions about one thing; undefined when both come to the same for the same reasons. */
export function differenceOf(
  about: Omit<Difference, 'before' | 'after' | 'codes'>,
  before: Decided,
  after: Decided,
): Difference | undefined {
  const codes = { before: codesOf(before), after: codesOf(after) };
  const outcomes = { before: outcomeOf(before), after: outcomeOf(after) };
  const same = outcomes.before === outcomes.after && codes.before.join() === codes.after.join();
  return same ? undefined : { ...about, ...outcomes, codes };
}

/** How many differences there are by what becomes of what: `{ 'allowed > denied': 3 }`. */
export function countDifferences(differences: readonly Difference[]): { readonly [change: string]: number } {
  const counts: { [change: string]: number } = {};
  for (const { before, after } of differences) {
    const change = before === after ? `${after}, other reasons` : `${before} > ${after}`;
    counts[change] = (counts[change] ?? 0) + 1;
  }
  return counts;
}

function codesOf({ reasons, obligations }: Decided): readonly string[] {
  return [...reasons.map(({ code }) => code), ...obligations.map(({ because }) => because.code)];
}
