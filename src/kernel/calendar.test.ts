import { expect, test } from 'vitest';
import { startOf, startOfNext } from './calendar.ts';
import { millis } from './clock.ts';

const at = (iso: string) => millis(Date.parse(iso));

test.each([
  ['day', '2026-03-01T23:59:59.999Z', '2026-03-01T00:00:00Z', '2026-03-02T00:00:00Z'],
  ['week', '2026-03-01T12:00:00Z', '2026-02-23T00:00:00Z', '2026-03-02T00:00:00Z'],
  ['week', '2026-03-02T00:00:00Z', '2026-03-02T00:00:00Z', '2026-03-09T00:00:00Z'],
  ['month', '2026-12-31T12:00:00Z', '2026-12-01T00:00:00Z', '2027-01-01T00:00:00Z'],
  ['month', '2028-02-29T12:00:00Z', '2028-02-01T00:00:00Z', '2028-03-01T00:00:00Z'],
] as const)('the %s of %s lasts from %s to %s', (unit, moment, start, next) => {
  expect(startOf(unit, at(moment))).toBe(at(start));
  expect(startOfNext(unit, at(moment))).toBe(at(next));
});
