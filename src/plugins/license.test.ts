import { expect, test } from 'vitest';
import { licenseAllowed, licenseFault } from './license.ts';

const ALLOWED = ['MIT', 'Apache-2.0', 'BSD-3-Clause'];

test.each([
  ['MIT', true],
  ['MIT OR GPL-3.0-only', true],
  ['MIT AND GPL-3.0-only', false],
  ['GPL-3.0-only', false],
  ['Apache-2.0 WITH LLVM-exception', false],
  ['(MIT AND BSD-3-Clause) OR GPL-2.0-only', true],
  ['whatever', false],
  ['', false],
])('%s is allowed: %s', (expression, expected) => {
  expect(licenseAllowed(expression, ALLOWED)).toBe(expected);
});

test('an exception is allowed when it is listed as a whole', () => {
  expect(licenseAllowed('Apache-2.0 WITH LLVM-exception', ['Apache-2.0 WITH LLVM-exception'])).toBe(true);
});

test('nonsense is named', () => {
  expect(licenseFault('MIT')).toBeNull();
  expect(licenseFault('my licence')).toContain('my licence');
});
