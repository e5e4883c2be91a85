import { isDeepStrictEqual } from 'node:util';
import { parse, stringify } from 'yaml';
import { describe, expect, it } from 'vitest';
import { seededRandom, type Random } from '#kernel/random.ts';
import { checkGates } from '../../gates/gates.ts';
import { Interner } from '../../tree/node.ts';
import { isSettled, settledText } from '../../tree/outcome.ts';
import { markdown } from '../markdown/language.ts';
import { yaml } from './language.ts';

type Tree = { [key: string]: Tree | string | string[] };

/** The text that three versions merge to; undefined when a conflict is left or a gate says no. */
function merge(base: string, ours: string, theirs: string, language = yaml): string | undefined {
  const open = language.open('a.yml', { base, ours, theirs }, new Interner());
  const outcome = open?.merge();
  if (!open || !outcome || !isSettled(outcome)) return undefined;
  const text = settledText(outcome);
  return checkGates(open, text, outcome.steps).every(({ ok }) => ok) ? text : undefined;
}

function treeOf(random: Random, depth: number): Tree {
  const tree: Tree = {};
  for (let i = 0; i <= random.integer(4); i++) {
    const key = `k${random.integer(6)}`;
    const kind = random.integer(depth > 0 ? 4 : 3);
    if (kind === 0) tree[key] = Array.from({ length: 1 + random.integer(3) }, (_, n) => `e${n}${random.integer(9)}`);
    else if (kind === 3) tree[key] = treeOf(random, depth - 1);
    else tree[key] = ['plain', 'with: colon', '# hash', 'two\nlines\n', '  spaced', ''][random.integer(6)]!;
  }
  return tree;
}

/** One key somewhere set anew, added or deleted. */
function edited(random: Random, tree: Tree, mark: string): Tree {
  const keys = Object.keys(tree);
  const key = keys[random.integer(keys.length)]!;
  const value = tree[key];
  const kind = random.integer(4);
  if (kind === 0 && keys.length > 1) return Object.fromEntries(Object.entries(tree).filter(([name]) => name !== key));
  if (kind === 1) return { ...tree, [`${mark}${random.integer(3)}`]: mark };
  if (typeof value === 'object' && !Array.isArray(value)) return { ...tree, [key]: edited(random, value, mark) };
  return { ...tree, [key]: `${mark}\n${mark}: x\n` };
}

/** The merge by values: what one side alone changed; undefined where both changed one thing differently. */
function mergedValue(base: unknown, ours: unknown, theirs: unknown): { readonly value: unknown } | undefined {
  if (isDeepStrictEqual(ours, theirs) || isDeepStrictEqual(base, theirs)) return { value: ours };
  if (isDeepStrictEqual(base, ours)) return { value: theirs };
  if (!isTree(ours) || !isTree(theirs)) return undefined;
  const before = isTree(base) ? base : {};
  const value: { [key: string]: unknown } = {};
  for (const key of new Set([...Object.keys(ours), ...Object.keys(theirs), ...Object.keys(before)])) {
    const inner = mergedValue(before[key], ours[key], theirs[key]);
    if (!inner) return undefined;
    if (inner.value !== undefined) value[key] = inner.value;
  }
  return { value };
}

function isTree(value: unknown): value is { [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const SEEDS = Array.from({ length: 60 }, (_, seed) => seed);

describe('a merge of YAML', () => {
  it('means what the values merge to, or is left; one side alone wins, and swapped sides agree', () => {
    let settled = 0;
    for (const seed of SEEDS) {
      const random = seededRandom(seed);
      const base = treeOf(random, 3);
      const [mine, yours] = [edited(random, base, 'mine'), edited(random, base, 'yours')];
      const [b, o, t] = [stringify(base), stringify(mine), stringify(yours)];
      const wanted = mergedValue(base, mine, yours);

      const forth = merge(b, o, t);
      const back = merge(b, t, o);

      if (forth !== undefined) {
        settled++;
        expect(wanted, `seed ${seed}:\n${b}-----\n${o}----\n${t}----\n${forth}`).toBeDefined();
        expect(parse(forth), `seed ${seed}`).toEqual(wanted?.value);
      }
      expect(back === undefined, `seed ${seed}`).toBe(forth === undefined);
      if (back !== undefined) expect(parse(back)).toEqual(wanted?.value);
      expect(merge(b, o, b)).toBe(o);
      expect(merge(b, b, t)).toBe(t);
    }
    expect(settled).toBeGreaterThan(SEEDS.length / 2);
  });

  it.each([
    ['a key that would fall under the other', 'a:\n  b:\nz: 0\n', 'a:\n  b:\n  c: 1\nz: 0\n', 'a:\n b:\n d: 1\nz: 0\n'],
    ['a deleted anchor that is used', 'a: &x 1\nb: 2\n', 'b: 2\n', 'a: &x 1\nb: 2\nc: *x\n'],
    ['one key added twice', 'a: 1\n', 'a: 1\nb: 1\n', 'a: 1\nb: 2\n'],
    ['one entry of a list rewritten twice', 'a:\n  - x\n', 'a:\n  - y\n', 'a:\n  - z\n'],
    ['a block that one side deletes and one edits', 'a:\n  b: 1\nc: 1\n', 'c: 1\n', 'a:\n  b: 2\nc: 1\n'],
  ])('leaves %s', (_, base, ours, theirs) => {
    expect(merge(base, ours, theirs)).toBeUndefined();
    expect(merge(base, theirs, ours)).toBeUndefined();
  });

  it('leaves an alias that would stand for the anchor of the other side', () => {
    const base = 'a: &x 1\nz: 0\n';

    expect(merge(base, 'a: &x 1\nm: &x 2\nz: 0\n', 'a: &x 1\nn: *x\nz: 0\n')).toBeUndefined();
  });

  it('keeps comments, quotes, block scalars and indentation as they stand', () => {
    const text = (mine: string, yours: string): string =>
      `# head\non: push # why\n\njobs:\n    # first\n    a: 'x'\n${mine}    s: |\n        one\n          two\n\n    t: >-\n        folded\n${yours}`;

    expect(merge(text('', ''), text('    # mine\n    b: "y"\n', ''), text('', 'env: { A: 1 }\n'))).toBe(
      text('    # mine\n    b: "y"\n', 'env: { A: 1 }\n'),
    );
  });

  it('gives several documents, tabs and broken texts back to git', () => {
    for (const text of ['a: 1\n---\nb: 2\n', 'a:\n\tb: 1\n', 'a: [1\n', 'a: *gone\n'])
      expect(merge('a: 1\n', text, 'a: 1\nc: 1\n')).toBeUndefined();
  });

  it('is not blown up by aliases of aliases', () => {
    const bomb = Array.from({ length: 30 }, (_, i) => `k${i + 1}: &k${i + 1} [${`*k${i}, `.repeat(9)}*k${i}]\n`).join(
      '',
    );
    const base = `k0: &k0 x\n${bomb}`;
    expect(merge(base, `${base}a: 1\n`, `${base}b: 1\n`)).toBeUndefined();
  });
});

describe('a merge of Markdown', () => {
  const page = (matter: string, prose = '# A\n'): string => `---\n${matter}---\n${prose}`;

  it('takes the front matter of one side and the prose of the other', () => {
    expect(merge(page('a: 1\n'), page('a: 2\n'), page('a: 1\n', '# B\n'), markdown)).toBe(page('a: 2\n', '# B\n'));
  });

  it.each([
    ['prose that both sides changed', page('a: 1\n'), page('a: 1\n', '# B\n'), page('a: 1\n', '# C\n')],
    ['a page that loses its front matter', page('a: 1\n'), '# A\n', page('a: 2\n')],
    [
      'rules that only look like front matter',
      'text\n---\na: 1\n---\n',
      'text\n---\na: 2\n---\n',
      'text\n---\na: 3\n---\n',
    ],
    ['a key that both sides set', page('a: 1\n'), page('a: 2\n'), page('a: 3\n')],
  ])('leaves %s', (_, base, ours, theirs) => {
    expect(merge(base, ours, theirs, markdown)).toBeUndefined();
  });
});
