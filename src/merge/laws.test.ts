import { describe, expect, it } from 'vitest';
import { seededRandom } from '#kernel/random.ts';
import type { Random } from '#kernel/random.ts';
import { typescript } from './languages/typescript/language.ts';
import { json } from './languages/json/language.ts';
import type { Language } from './languages/language.ts';
import { Interner } from './tree/node.ts';
import { isSettled, settledText } from './tree/outcome.ts';

/** The text that three versions merge to; undefined when a conflict is left. */
function merge(language: Language, path: string, base: string, ours: string, theirs: string): string | undefined {
  const outcome = language.open(path, { base, ours, theirs }, new Interner())?.merge();
  return outcome && isSettled(outcome) ? settledText(outcome) : undefined;
}

const code = (base: string, ours: string, theirs: string): string | undefined =>
  merge(typescript, 'a.ts', base, ours, theirs);

function pick<T>(random: Random, list: readonly T[]): T {
  const chosen = list[random.integer(list.length)];
  if (chosen === undefined) throw new RangeError('nothing to pick from');
  return chosen;
}

/** A small module: one declaration per name, of a random kind and with a random body. */
function moduleOf(random: Random, names: readonly string[]): string {
  const declarations = names.map((name) => {
    const body = Array.from(
      { length: 1 + random.integer(3) },
      (_, i) => `  use(${name}, ${i}, ${random.integer(100)});`,
    ).join('\n');
    return pick(random, [
      `function ${name}() {\n${body}\n}`,
      `const ${name} = () => {\n${body}\n};`,
      `interface ${name} {\n  a: ${random.integer(9)};\n  b: string;\n}`,
      `class ${name} {\n  run() {\n${body}\n  }\n}`,
    ]);
  });
  return `${declarations.join('\n\n')}\n`;
}

/** The module with one number changed, one declaration dropped, or one added at the end. */
function edited(random: Random, text: string, fresh: string): string {
  const blocks = text.trimEnd().split('\n\n');
  const at = random.integer(blocks.length);
  const change = random.integer(3);
  if (change === 0)
    return `${blocks.map((block, i) => (i === at ? block.replace(/\d+/, '777') : block)).join('\n\n')}\n`;
  if (change === 1 && blocks.length > 1) return `${blocks.filter((_, i) => i !== at).join('\n\n')}\n`;
  return `${text}\nfunction ${fresh}() {\n  return '${fresh}';\n}\n`;
}

const SEEDS = Array.from({ length: 60 }, (_, seed) => seed);

describe('laws of the merge', () => {
  it.each(SEEDS)('one side alone wins, agreement stands, and swapped sides agree (seed %i)', (seed) => {
    const random = seededRandom(seed);
    const base = moduleOf(random, ['alpha', 'beta', 'gamma', 'delta']);
    const ours = edited(random, base, 'mine');
    const theirs = edited(random, base, 'yours');

    const forth = code(base, ours, theirs);
    const back = code(base, theirs, ours);

    expect(code(base, ours, base)).toBe(ours);
    expect(code(base, base, theirs)).toBe(theirs);
    expect(code(base, ours, ours)).toBe(ours);
    expect(forth?.split('\n').toSorted()).toEqual(back?.split('\n').toSorted());
  });

  it.each(SEEDS)('members that each side adds stand once (seed %i)', (seed) => {
    const random = seededRandom(seed);
    const members = (names: readonly string[]): string => names.map((name) => `  ${name}: number;\n`).join('');
    const shared = Array.from({ length: random.integer(4) }, (_, i) => `m${i}`);
    const at = random.integer(shared.length + 1);
    const withNew = (name: string): string =>
      `interface A {\n${members([...shared.slice(0, at), name, ...shared.slice(at)])}}\n`;

    const merged = code(`interface A {\n${members(shared)}}\n`, withNew('x'), withNew('y')) ?? '';

    for (const name of [...shared, 'x', 'y']) expect(merged.split(`  ${name}: number;`)).toHaveLength(2);
  });

  it('leaves members of one name with different bodies', () => {
    expect(
      code('class A {}\n', 'class A {\n  m() { return 1; }\n}\n', 'class A {\n  m() { return 2; }\n}\n'),
    ).toBeUndefined();
  });

  it('merges static and instance members of one name apart', () => {
    const source = (a: number, b: number): string =>
      `class A {\n  static m() { return ${a}; }\n  m() { return ${b}; }\n}\n`;

    expect(code(source(1, 1), source(2, 1), source(1, 3))).toBe(source(2, 3));
  });

  it('carries an edit to the place where the other side moved the function', () => {
    const one = 'function one() {\n  return 1;\n}\n';
    const two = 'function two() {\n  return 2;\n}\n';
    const three = 'function three() {\n  return 3;\n}\n';

    const merged = code(one + two + three, two + three + one, one.replace('1;', '11;') + two + three);

    expect(merged?.match(/return \d+/g)).toEqual(['return 2', 'return 3', 'return 11']);
  });

  it('keeps overloads together', () => {
    const base =
      'function f(a: string): void;\nfunction f(a: number): void;\nfunction f(a: unknown): void {\n  use(a);\n}\n';

    const merged = code(base, base.replace('number', 'boolean'), base.replace('use(a)', 'use(a, 1)'));

    expect(merged).toBe(base.replace('number', 'boolean').replace('use(a)', 'use(a, 1)'));
  });

  it('merges JSON objects the same from both directions', () => {
    const object = (keys: readonly string[]): string =>
      `{\n${keys.map((key, i) => `  "${key}": ${i}`).join(',\n')}\n}\n`;
    const merged = merge(
      json,
      'a.json',
      object(['a']),
      object(['a', 'b']),
      object(['a', 'c', 'd']).replace('"c": 1', '"c": 5'),
    );

    expect(JSON.parse(merged ?? '')).toEqual({ a: 0, b: 1, c: 5, d: 2 });
  });
});
