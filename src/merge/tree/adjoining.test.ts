import { describe, expect, it } from 'vitest';
import { resolveFile } from '../resolve.ts';

/** The text that three versions merge to which git could not; undefined when a conflict is left. */
async function merged(path: string, base: string, ours: string, theirs: string) {
  const git = {
    merge: () => Promise.resolve({ clean: false, text: `<<<<<<< ours\n${ours}=======\n${theirs}>>>>>>> theirs\n` }),
  };
  const resolution = await resolveFile({ path, base, ours, theirs }, git, { unrated: true });
  return resolution.status === 'resolved' ? resolution.text : undefined;
}

const body = (...lines: readonly string[]): string => `function f() {\n${lines.map((one) => `  ${one}\n`).join('')}}\n`;

describe('neighbouring changes', () => {
  it('take their places around what the other side replaced', async () => {
    const base = body('start();', 'list[i] = parse(text, rules);', 'end();');
    const ours = body('start();', 'for (const rule of rules) {', '  apply(rule);', '}', 'end();');
    const theirs = body('start();', 'const count = 1;', 'list[i] = parse(text, rules);', 'report(count);', 'end();');

    expect(await merged('a.ts', base, ours, theirs)).toBe(
      body(
        'start();',
        'const count = 1;',
        'for (const rule of rules) {',
        '  apply(rule);',
        '}',
        'report(count);',
        'end();',
      ),
    );
  });

  it('agree whichever side is which', async () => {
    const base = body('a(1);', 'b(2);');
    const [one, two] = [body('if (x) {', '  y();', '}', 'b(2);'), body('a(1);', 'while (z) {', '  w();', '}')];

    expect(await merged('a.ts', base, one, two)).toBe(await merged('a.ts', base, two, one));
  });

  it('stay a conflict where one side inserted within what the other replaced', async () => {
    const base = body('a(1);', 'b(2);');

    expect(
      await merged('a.ts', base, body('throw new Error(x);'), body('a(1);', 'if (c) d();', 'b(2);')),
    ).toBeUndefined();
  });

  it('stay a conflict where both sides wrote the same statement', async () => {
    const base = body('a(1);');

    expect(
      (await merged('a.ts', base, body('if (x) y();', 'log(x, y);'), body('log(x, y);', 'a(1);'))) ?? '',
    ).not.toMatch(/log.*log/s);
  });

  it('stay a conflict where both sides changed how many arguments there are', async () => {
    expect(await merged('a.ts', 'f(a, b);\n', 'f({ a, b, c: d });\n', 'f(a, b, [e]);\n')).toBeUndefined();
  });
});

describe('statements that both sides inserted at one place', () => {
  it('stand once where they are the same', async () => {
    const base = body('run();');
    const ours = body('run();', 'close(a);', 'close(b);');
    const theirs = body('run();', 'close(a);', 'close(c);');

    expect(await merged('a.ts', base, ours, theirs)).toBe(body('run();', 'close(a);', 'close(b);', 'close(c);'));
  });

  it('stay a conflict where they are two versions of one statement', async () => {
    const start = 'const id = element.id;';
    const version = (make: string): string => `if (options?.again) Object.assign(element, { id: ${make}() });`;

    expect(
      await merged('a.ts', body('go();'), body('go();', start, version('one')), body('go();', start, version('two'))),
    ).toBeUndefined();
  });
});
