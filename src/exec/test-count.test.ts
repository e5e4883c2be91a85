import { describe, expect, it } from 'vitest';
import { countPassed } from './test-count.ts';

describe('counting tests that passed', () => {
  it.each([
    ['node:test', 'ℹ tests 5\nℹ pass 4\nℹ fail 1\n', 4],
    ['tap', '1..2\n# tests 2\n# pass 2\n', 2],
    ['vitest', ' Test Files  1 passed (1)\n      Tests  2 failed | 40 passed (42)\n', 40],
    ['jest', 'Tests:       1 failed, 41 passed, 42 total\n', 41],
    ['mocha', '\n  42 passing (1s)\n', 42],
    ['ava', '\n  12 tests passed\n', 12],
    ['pytest', '======= 3 failed, 5 passed in 0.12s =======\n', 5],
    ['two packages', '# pass 2\nother\n# pass 3\n', 5],
    ['an unknown program', 'all good\n', null],
  ])('%s', (_, output, expected) => {
    expect(countPassed(output)).toBe(expected);
  });
});
