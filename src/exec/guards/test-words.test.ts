import { describe, expect, it } from 'vitest';
import { countTestWords } from './test-words.ts';

const words = (text: string, path = 'a.test.ts'): string => {
  const { tests, skipped, focused, assertions } = countTestWords(path, text);
  return `${tests} tests, ${skipped} skipped, ${focused} focused, ${assertions} assertions`;
};

describe('counting what a test file says', () => {
  it.each([
    ["it('a', () => { expect(1).toBe(1); expect(x).to.be.true; });", '1 tests, 0 skipped, 0 focused, 2 assertions'],
    ["// it('a'); expect(1)\nconst s = 'expect(2)';", '0 tests, 0 skipped, 0 focused, 0 assertions'],
    ["it.skip('a'); test.todo('b'); xit('c'); describe.skip('d');", '3 tests, 4 skipped, 0 focused, 0 assertions'],
    ["it.only('a'); fit('b'); describe.only('c'); fdescribe('d');", '2 tests, 0 skipped, 4 focused, 0 assertions'],
    ["it.each([1, 2])('a %s', (n) => { expect(n).toBe(n); });", '1 tests, 0 skipped, 0 focused, 1 assertions'],
    ['it.skip.each`a`("b", f); it["skip"]("c");', '2 tests, 2 skipped, 0 focused, 0 assertions'],
    ["test('a', { skip: true }, f); test('b', { skip: false }, f);", '2 tests, 1 skipped, 0 focused, 0 assertions'],
    ["test('a', { only: true }, f);", '1 tests, 0 skipped, 1 focused, 0 assertions'],
    ["test('a', (t) => { t.skip(); t.assert.equal(1, 1); });", '1 tests, 1 skipped, 0 focused, 1 assertions'],
    ["test('a', (t) => { t.is(1, 1); t.test('b', f); });", '2 tests, 0 skipped, 0 focused, 1 assertions'],
    ["import { equal as same } from 'node:assert'; same(1, 1);", '0 tests, 0 skipped, 0 focused, 1 assertions'],
    ["import { test as spec } from 'vitest'; spec.skip('a', f);", '1 tests, 1 skipped, 0 focused, 0 assertions'],
    ["import check from 'node:assert/strict'; check.ok(1); check(1);", '0 tests, 0 skipped, 0 focused, 2 assertions'],
    ["import { expect, it } from 'vitest';", '0 tests, 0 skipped, 0 focused, 0 assertions'],
    ['value.should.equal(1); await expect(p).rejects.toThrow();', '0 tests, 0 skipped, 0 focused, 2 assertions'],
    ["it('broken', () => { expect(1)", '1 tests, 0 skipped, 0 focused, 1 assertions'],
  ])('%s', (text, expected) => {
    expect(words(text)).toBe(expected);
  });

  it('reads JSX', () => {
    expect(words("it('a', () => { expect(<A b={1} />).toBeTruthy(); });", 'a.test.tsx')).toContain('1 assertions');
  });

  it('counts words in other languages', () => {
    expect(words('@skip\ndef test_a():\n  assert a == 1\n', 'test_a.py')).toBe(
      '1 tests, 1 skipped, 0 focused, 1 assertions',
    );
  });
});
