import { expect, test } from 'vitest';
import { globFault, globSet } from './plugin-glob.ts';

test.each([
  ['src/**/*.ts', 'src/a/b.ts', true],
  ['src/**/*.ts', 'src/b.ts', true],
  ['src/**/*.ts', 'lib/b.ts', false],
  ['**', 'a/b/c', true],
  ['**', '.env', false],
  ['**', 'a/.git/config', false],
  ['.github/**', '.github/a.yml', true],
  ['a?c', 'abc', true],
  ['*', 'a/b', false],
  ['**/*', 'a', true],
])('%s on %s is %s', (pattern, path, expected) => {
  expect(globSet([pattern]).matches(path)).toBe(expected);
});

test('an exclamation mark takes files away and prunes the folder', () => {
  const globs = globSet(['**', '!node_modules/**']);

  expect(globs.matches('src/a.ts')).toBe(true);
  expect(globs.matches('node_modules/x/a.ts')).toBe(false);
  expect(globs.mayContain('node_modules')).toBe(false);
  expect(globs.mayContain('src')).toBe(true);
});

test('folders that no pattern reaches into are pruned', () => {
  const globs = globSet(['src/*/x.ts']);

  expect(globs.mayContain('')).toBe(true);
  expect(globs.mayContain('src')).toBe(true);
  expect(globs.mayContain('src/a')).toBe(true);
  expect(globs.mayContain('src/a/b')).toBe(false);
  expect(globs.mayContain('lib')).toBe(false);
});

test('an empty set grants nothing', () => {
  expect(globSet([]).matches('a')).toBe(false);
  expect(globSet([]).mayContain('')).toBe(false);
});

test('patterns that could grow or leave the folder are faults and match nothing', () => {
  for (const pattern of ['{a,b}', '../x', '/etc/passwd', 'a//b', '[ab]', 'a**', '', 'a\\b', './a']) {
    expect(globFault(pattern)).not.toBeNull();
    expect(globSet([pattern]).matches('a')).toBe(false);
  }
});

test('a hostile pattern takes time in proportion to its length', () => {
  const pattern = `${'*a'.repeat(120)}b`;

  expect(globSet([pattern]).matches('a'.repeat(4000))).toBe(false);
});
