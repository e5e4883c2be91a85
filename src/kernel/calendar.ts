import { type Millis, millis } from './clock.ts';

/** A stretch of the calendar in UTC; a week begins on Monday. */
export type CalendarUnit = 'day' | 'week' | 'month';

const DAY = 86_400_000;

/** First moment of the day, week or month in UTC that `at` lies in. */
export function startOf(unit: CalendarUnit, at: Millis): Millis {
  const date = new Date(at);
  if (unit === 'month') return millis(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1));
  const midnight = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate());
  const sinceMonday = (date.getUTCDay() + 6) % 7;
  return millis(unit === 'day' ? midnight : midnight - sinceMonday * DAY);
}

/** First moment of the one after; the end of the one that `at` lies in. */
export function startOfNext(unit: CalendarUnit, at: Millis): Millis {
  const start = startOf(unit, at);
  if (unit === 'day') return millis(start + DAY);
  if (unit === 'week') return millis(start + 7 * DAY);
  const date = new Date(start);
  return millis(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1));
}
