import { describe, expect, it } from 'vitest';
import { seededRandom } from '#kernel/random.ts';
import { typescript } from '#merge/languages/typescript/language.ts';
import { Interner } from '#merge/tree/node.ts';
import { isSettled, settledText } from '#merge/tree/outcome.ts';

/** The text that three versions merge to; undefined when a conflict is left. */
function code(base: string, ours: string, theirs: string): string | undefined {
  const outcome = typescript.open('a.ts', { base, ours, theirs }, new Interner())?.merge();
  return outcome && isSettled(outcome) ? settledText(outcome) : undefined;
}

describe('the merge', () => {
  it('never hangs or throws on hostile input', () => {
    const deep = (inner: string): string => `x = ${'['.repeat(400)}${inner}${']'.repeat(400)};\n`;
    const wide = Array.from({ length: 2_000 }, (_, i) => `f(${i});`).join('\n');
    const random = seededRandom(7);
    const letters = '{}[]()<>"\'`;,=+-/*ab1 \n';
    const noise = (): string => Array.from({ length: 300 }, () => letters[random.integer(letters.length)]).join('');

    expect(code(deep('1'), deep('2'), deep('1'))).toBe(deep('2'));
    expect(() => code(deep('1'), deep('2'), deep('3'))).not.toThrow();
    expect(() => code(wide, wide.replaceAll('f(', 'g('), wide.replaceAll(');', ', 1);'))).not.toThrow();
    for (let i = 0; i < 20; i++) expect(() => code(noise(), noise(), noise())).not.toThrow();
  });
});
