import { describe, expect, it } from 'vitest';
import { type Random, seededRandom } from '#kernel/random.ts';
import { isPlainPath, pathGlobFault, pathGlobs } from './path-glob.ts';

const fits = (glob: string, path: string): boolean => pathGlobs([glob])(path) !== undefined;

describe('globs over repository paths', () => {
  it.each([
    ['*.pem', 'keys/deep/server.pem', true],
    ['/*.pem', 'keys/server.pem', false],
    ['infra', 'infra/prod/main.tf', true],
    ['infra/', 'app/infra/main.tf', true],
    ['/infra', 'app/infra/main.tf', false],
    ['src/legacy/**', 'src/legacy/a/b.ts', true],
    ['src/legacy', 'src/legacy2/a.ts', false],
    ['**/*.rego', '.hidden/x.rego', true],
    ['.github', '.GitHub/workflows/ci.yml', true],
    ['src/**', 'src/a\nb', true],
    ['src/*', 'src/a/b', true],
    ['src/*.ts', 'src/a/b.ts', false],
    ['!src', 'lib/a', false],
    ['', 'a', false],
    ['/', 'a', false],
    ['[', '[', true],
    ['a+(b)', 'a+(b)', true],
    ['*.{yml,y?ml}', 'ci/a.yaml', true],
    ['{infra,ops}/**', 'ops/a', true],
    ['{infra,ops}/**', 'opsy/a', false],
    ['{a}', '{a}', true],
  ])('%s and %s: %s', (glob, path, expected) => {
    expect(fits(glob, path)).toBe(expected);
  });

  it.each(['src/**', '/a', './a/', '*.{a,b*}', 'a?b', 'a+(b)', '**', '!x'])('finds nothing wrong with %s', (glob) => {
    expect(pathGlobFault(glob)).toBeNull();
  });

  it.each(['', '/', 'a//b', '../a', 'a/./b', 'a**', '{a}', '{a,{b,c}}', '{a,b/c}', '{a,**}', '[ab]', 'a\\*', 'a\n'])(
    'says what is wrong with %j',
    (glob) => {
      expect(pathGlobFault(glob)).not.toBeNull();
    },
  );

  it('tells plain paths from those that could mean another', () => {
    expect(['a', 'a/.b', 'a b/..c'].map(isPlainPath)).toEqual([true, true, true]);
    expect(['', '/a', 'a/', 'a//b', './a', 'a/../b'].some(isPlainPath)).toBe(false);
  });

  it('names the glob that fits', () => {
    expect(pathGlobs(['docs', '*.lock'])('web/yarn.lock')).toBe('*.lock');
  });

  it('agrees with a matcher written from the definition, on 4 000 random pairs', () => {
    const random = seededRandom(7);
    let positive = 0;
    for (let i = 0; i < 4_000; i++) {
      const glob = randomGlob(random);
      const path = randomPath(random);
      const expected = byDefinition(glob, path);
      if (expected) positive++;
      expect({ glob, path, fits: fits(glob, path) }).toEqual({ glob, path, fits: expected });
    }
    expect(positive).toBeGreaterThan(300);
  });
});

const LETTERS = ['a', 'b', '.', '-', '\n', 'é'];

function randomPath(random: Random): string {
  const name = (): string => {
    const text = Array.from({ length: 1 + random.integer(3) }, () => LETTERS[random.integer(6)]).join('');
    return text === '.' || text === '..' ? 'a' : text;
  };
  return Array.from({ length: 1 + random.integer(4) }, name).join('/');
}

function randomGlob(random: Random): string {
  const name = (): string => {
    if (random.integer(4) === 0) return '**';
    const parts = Array.from(
      { length: 1 + random.integer(3) },
      () => ['a', 'b', '.', '*', '?', 'é'][random.integer(6)],
    );
    const text = parts.join('').replace(/\*\*+/g, '*');
    return text === '.' || text === '..' ? 'b' : text;
  };
  return Array.from({ length: 1 + random.integer(3) }, name).join('/');
}

/** Globs without braces and classes, by recursion over path parts and then over characters. */
function byDefinition(glob: string, path: string): boolean {
  const parts = glob.includes('/') ? glob.split('/') : ['**', glob];
  const names = path.split('/');
  const whole = (g: readonly string[], p: readonly string[]): boolean => {
    if (g.length === 0) return p.length === 0;
    if (g[0] === '**' && g.length === 1) return p.length > 0;
    if (g[0] === '**') return whole(g.slice(1), p) || (p.length > 0 && whole(g, p.slice(1)));
    return p.length > 0 && part(g[0] ?? '', p[0] ?? '') && whole(g.slice(1), p.slice(1));
  };
  return names.some((_, i) => whole(parts, names.slice(0, i + 1)));
}

function part(glob: string, name: string): boolean {
  if (glob === '') return name === '';
  if (glob[0] === '*') return part(glob.slice(1), name) || (name !== '' && part(glob, name.slice(1)));
  return name !== '' && (glob[0] === '?' || glob[0] === name[0]) && part(glob.slice(1), name.slice(1));
}
