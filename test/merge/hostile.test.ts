import { describe, expect, it } from 'vitest';
import { seededRandom } from '#kernel/random.ts';
import { typescript } from '#merge/languages/typescript/language.ts';
import type { LineMerger } from '#merge/ports.ts';
import { resolveFile } from '#merge/index.ts';
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

  it.each(['a.ts', 'a.jsx', 'a.json', 'a.jsonc', 'a.yml', 'a.md'])(
    'gives hostile texts back to git: %s',
    async (path) => {
      const conflict: LineMerger = { merge: async () => ({ clean: false, text: '<<<<<<< ours\n' }) };
      const random = seededRandom(11);
      const letters = '{}[]()<>"\'`;,=+-/*&#|%@!:? \t\r\nab1\u0000\u2028\ud800é';
      const noise = (): string => Array.from({ length: 400 }, () => letters[random.integer(letters.length)]).join('');
      const deep = (inner: string): string => `${'['.repeat(4_000)}${inner}${']'.repeat(4_000)}\n`;
      const nested = (inner: string): string =>
        Array.from({ length: 300 }, (_, i) => `${' '.repeat(i)}k:\n`).join('') + `${' '.repeat(300)}${inner}\n`;
      const page = (text: string): string => (path === 'a.md' ? `---\n${text}\n---\n` : text);
      const threes = [
        [deep('1'), deep('2'), deep('3')],
        [nested('a: 1'), nested('a: 2'), nested('a: 3')],
        ['', '\u0000', '\ud800'],
        ...Array.from({ length: 10 }, () => [noise(), noise(), noise()]),
      ];

      for (const [base = '', ours = '', theirs = ''] of threes) {
        const file = { path, base: page(base), ours: page(ours), theirs: page(theirs) };
        expect(await resolveFile(file, conflict)).toMatchObject({
          status: 'conflict',
          text: expect.stringMatching(/^<{7} /m),
        });
      }
    },
  );
});
