import { describe, expect, it } from 'vitest';
import { typescript } from '../languages/typescript/language.ts';
import { checkGates } from '../gates/gates.ts';
import { Interner } from './node.ts';
import { isSettled, settledText } from './outcome.ts';

/** The text that three versions merge to; undefined when a conflict is left or a gate says no. */
function code(base: string, ours: string, theirs: string): string | undefined {
  const open = typescript.open('a.ts', { base, ours, theirs }, new Interner());
  const outcome = open?.merge();
  if (!open || !outcome || !isSettled(outcome)) return undefined;
  const text = settledText(outcome);
  return checkGates(open, text, outcome.steps).every(({ ok }) => ok) ? text : undefined;
}

describe('comments', () => {
  it('of both sides stand where both wrote the same code', () => {
    const merged = code(
      'const a = 1;\nconst b = 2;\n',
      '// why\nconst a = 10;\nconst b = 20;\n',
      'const a = 10;\n// what\nconst b = 20;\n',
    );

    expect(merged).toBe('// why\nconst a = 10;\n// what\nconst b = 20;\n');
  });

  it('stay a conflict where both sides wrote another one over the same new code', () => {
    expect(code('a();\n', 'a();\n// mine\nb();\n', 'a();\n// yours\nb();\n')).toBeUndefined();
  });

  it('at the end of a line belong to what stands before them', () => {
    const type = (...members: readonly string[]): string => `interface A {\n${members.join('\n')}\n}\n`;
    const merged = code(
      type('  a: 1; // one'),
      type('  a: 1; // one', '  b: 2; // two'),
      type('  a: 1; // one', '  c: 3;'),
    );

    expect(merged).toBe(type('  a: 1; // one', '  b: 2; // two', '  c: 3;'));
  });

  it('do not swallow what the other side added behind them', () => {
    const list = (more: string): string => `f({\n    a: 1\n  , b: 2${more}\n});\n`;
    const merged = code(list(''), list('\n  , c: 3 // three'), list('\n  , d: 4'));

    expect(merged).toContain('// three\n');
    expect(merged).toContain('d: 4');
  });

  it('come along with the side that has them', () => {
    expect(code('a();\n', 'a();\nb();\nc();\n', 'a();\n// why\nb();\n')).toBe('a();\n// why\nb();\nc();\n');
  });

  it('merge word by word', () => {
    const text = (see: string, more: string): string => `/**\n${more} * @see ${see}\n */\nfunction f() {}\n`;

    expect(code(text('x/y', ''), text('{@link x/y}', ''), text('x/y', ' * The event.\n *\n'))).toBe(
      text('{@link x/y}', ' * The event.\n *\n'),
    );
  });

  it('are not lost when the other side only changed the format', () => {
    expect(code('f(a, b);\n', '// why\nf(a, b);\n', 'f(\n  a,\n  b,\n);\n')).toBe('// why\nf(\n  a,\n  b,\n);\n');
  });
});
