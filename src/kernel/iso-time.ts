import type { Millis } from './clock.ts';

/** RFC 3339 in UTC with milliseconds, as predicates want their times. */
export function isoTime(at: Millis): string {
  return new Date(at).toISOString();
}
