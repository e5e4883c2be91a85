import { describe, expect, it } from 'vitest';
import { MemoryFiles } from '#adapters/files/memory-files.ts';
import type { RecipeReport } from '../recipe.ts';
import { run } from './run.ts';

function mod(
  text: string,
  pattern: string,
  rewrite: string,
  more: { readonly [name: string]: string } = {},
): { report: RecipeReport; text: string } {
  const files = new MemoryFiles({ 'src/a.ts': text });
  const report = run(files, { pattern, rewrite, ...more });
  return { report, text: files.texts()['src/a.ts'] ?? '' };
}

describe('a codemod', () => {
  it.each([
    ['one variable', 'log(a + b);', 'log($A)', 'print($A)', 'print(a + b);'],
    ['variables in another order', 'eq(a, b)', 'eq($A, $B)', 'is($B, $A)', 'is(b, a)'],
    ['a variable twice', 'f(x)', 'f($A)', 'g($A, $A)', 'g(x, x)'],
    ['any number of nodes', 'f(1,  [2] , ...c)', 'f($$$A)', 'g($$$A)', 'g(1,  [2] , ...c)'],
    ['no node where a list may be empty', 'f(); f(1)', 'f($$$A)', 'g($$$A, 0)', 'g(0); g(1, 0)'],
    ['no node at the end of a list', 'f(); f(1)', 'f($$$A)', 'g(0, $$$A)', 'g(0); g(0, 1)'],
    ['matches inside of matches', 'f(f(f(1)), 2)', 'f($$$A)', 'g($$$A)', 'g(g(g(1)), 2)'],
    ['its own shape only once', 'f(1)', 'f($A)', 'f(f($A))', 'f(f(1))'],
    ['the same variable only where it is the same', 'a === a; a === b', '$A === $A', 'true', 'true; a === b'],
    ['statements', 'if (a) { b(); }', 'if ($A) { $$$B }', 'when($A, () => { $$$B });', 'when(a, () => { b(); });'],
    ['an empty rewrite', 'a(); debug(1); b();', 'debug($A);', '', 'a();  b();'],
  ])('rewrites %s', (_, before, pattern, rewrite, after) => {
    expect(mod(before, pattern, rewrite).text).toBe(after);
  });

  it('matches code and not text', () => {
    const text = `f(1); // f(1)\nconst s = 'f(1)';\nconst t = \`f(1)\${f(1)}\`;\n`;

    expect(mod(text, 'f($A)', 'g($A)').text).toBe(`g(1); // f(1)\nconst s = 'f(1)';\nconst t = \`f(1)\${g(1)}\`;\n`);
  });

  it('keeps byte order mark, line ends, spaces and letters outside ASCII', () => {
    const text = `\ufeffconst größe =  '😀' ;\r\n\tf( größe,'é😀' ) ;  // 😀\r\n\r\n`;

    expect(mod(text, 'f($A, $B)', 'g($B, $A)').text).toBe(
      `\ufeffconst größe =  '😀' ;\r\n\tg('é😀', größe) ;  // 😀\r\n\r\n`,
    );
  });

  it('counts files and places', () => {
    const files = new MemoryFiles({
      'a.ts': 'f(1); f(2)',
      'b.tsx': 'const x = <A b={f(3)} />;',
      'c.js': 'f(4)',
      'dist/d.ts': 'f(5)',
    });

    const report = run(files, { pattern: 'f($A)', rewrite: 'g($A)' });

    expect(report).toMatchObject({ kind: 'change', files: ['a.ts', 'b.tsx'], places: 3 });
  });

  it('looks only at files of the glob and the language', () => {
    const before = { 'src/a.js': 'f(1)', 'test/a.js': 'f(1)', 'src/a.ts': 'f(1)' };
    const files = new MemoryFiles(before);

    run(files, { pattern: 'f($A)', rewrite: 'g($A)', language: 'javascript', glob: 'src/**' });

    expect(files.texts()).toEqual({ ...before, 'src/a.js': 'g(1)' });
  });

  it('works on style sheets', () => {
    const files = new MemoryFiles({ 'a.css': 'a { color: red; }\nb { color: blue }\n' });

    const report = run(files, { pattern: 'a { color: red; }', rewrite: 'a { color: green; }', language: 'css' });

    expect(report).toMatchObject({ kind: 'change', places: 1 });
    expect(files.texts()['a.css']).toBe('a { color: green; }\nb { color: blue }\n');
  });

  it('changes nothing where nothing matches, or all is so already', () => {
    expect(mod('f(1)', 'h($A)', 'g($A)').report.kind).toBe('no_change');
    expect(mod('f(1)', 'f($A)', 'f($A)').report.kind).toBe('no_change');
  });

  it('refuses as a whole when one result would not parse', () => {
    const before = { 'a.ts': 'f(1)', 'b.ts': 'const x = f(2);' };
    const files = new MemoryFiles(before);

    const report = run(files, { pattern: 'f($A)', rewrite: 'if ($A) {}' });

    expect(report).toMatchObject({
      kind: 'failed',
      reasons: [{ code: 'CODEMOD_BREAKS_SYNTAX', msg: expect.stringContaining('b.ts') }],
    });
    expect(files.texts()).toEqual(before);
  });

  it('refuses a pattern that is no whole piece of code', () => {
    expect(mod('f(1)', 'f(', 'g(').report).toMatchObject({
      kind: 'failed',
      reasons: [{ code: 'CODEMOD_PATTERN_UNREADABLE' }],
    });
  });

  it('also works in files that had a fault before', () => {
    expect(mod('const = 1;\nf(1);', 'f($A)', 'g($A)').text).toBe('const = 1;\ng(1);');
  });
});
