import { expect, it } from 'vitest';
import { higherVersion } from './version.ts';

it.each([
  ['"1.0.0"', '"1.1.0"', '"1.0.9"', '"1.1.0"'],
  ['"^1.0.0"', '"^1.2.0"', '"^2.0.0"', '"^2.0.0"'],
  ["'1.0.0'", "'1.1.0-beta.2'", "'1.1.0-beta.10'", "'1.1.0-beta.10'"],
  ['"1.0.0"', '"1.1.0-rc.1"', '"1.1.0"', '"1.1.0"'],
  ['"2.4-next"', '"2.5-next"', '"2.4"', '"2.5-next"'],
  ['"^2.4"', '"^2.5"', '"^3.0.1"', '"^3.0.1"'],
])('from %s to %s and %s stands %s', (base, ours, theirs, higher) => {
  expect(higherVersion({ base, ours, theirs })).toBe(higher);
  expect(higherVersion({ base, ours: theirs, theirs: ours })).toBe(higher);
});

it.each([
  ['"1.0.0"', '"0.9.0"', '"1.1.0"'],
  ['"^1.0.0"', '"~1.1.0"', '"^1.2.0"'],
  ['"1.0.0"', '"latest"', '"1.1.0"'],
  ['"0.5"', '"0.7"', '"0.8"'],
])('from %s to %s and %s nothing is certain', (base, ours, theirs) => {
  expect(higherVersion({ base, ours, theirs })).toBeUndefined();
});
