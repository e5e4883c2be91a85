import type { Autonomy, TenantPolicy } from '#domain/tenant.ts';

/** From least to most. */
const LEVELS: readonly Autonomy[] = ['observe', 'propose', 'auto'];

/** Verdicts that count, the newest. */
export const AUTONOMY_WINDOW = 20;
/** Rejections in the window at which changes go to a person again, and at which none is made any more. */
const TO_PROPOSE = 2;
const TO_OBSERVE = 10;

/** What a person or the branch said of one change that had passed every gate. */
export type Verdict = 'kept' | 'overridden';

/** What the level of one repository and one kind of work comes to, and from what. */
export interface EarnedAutonomy {
  readonly level: Autonomy;
  readonly verdicts: number;
  readonly overridden: number;
}

/** The narrowest of several levels. */
export function lowest(levels: readonly Autonomy[]): Autonomy {
  return LEVELS.find((level) => levels.includes(level)) ?? 'auto';
}

/** What the tenant's own rules allow for a repository and a kind of work: the lowest of all that are set. */
export function allowedAutonomy(policy: TenantPolicy, subjects: readonly string[]): Autonomy {
  const narrower = subjects.flatMap((subject) => policy.autonomyFor?.[subject] ?? []);
  return lowest([policy.autonomy ?? 'auto', ...narrower]);
}

/**
 * What the record has earned: of the last twenty verdicts, two rejections by people bring each change before a person,
 * ten end it. Changes that people approve meanwhile push the rejections out of the window, and the level comes back.
 */
export function earnedAutonomy(newestFirst: readonly Verdict[]): EarnedAutonomy {
  const recent = newestFirst.slice(0, AUTONOMY_WINDOW);
  const overridden = recent.filter((verdict) => verdict === 'overridden').length;
  const level = overridden >= TO_OBSERVE ? 'observe' : overridden >= TO_PROPOSE ? 'propose' : 'auto';
  return { level, verdicts: recent.length, overridden };
}
