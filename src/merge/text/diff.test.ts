import { expect, it } from 'vitest';
import { seededRandom } from '#kernel/random.ts';
import { diff3 } from './diff3.ts';
import { diffRuns } from './diff.ts';

it('finds runs that are equal, rise on both sides, and are the longest there are', () => {
  for (let seed = 0; seed < 200; seed++) {
    const random = seededRandom(seed);
    const sequence = (): number[] => Array.from({ length: random.integer(40) }, () => random.integer(6));
    const [left, right] = [sequence(), sequence()];

    const runs = diffRuns(left, right);

    let [l, r, total] = [0, 0, 0];
    for (const run of runs) {
      expect(run.left >= l && run.right >= r).toBe(true);
      expect(left.slice(run.left, run.left + run.length)).toEqual(right.slice(run.right, run.right + run.length));
      [l, r, total] = [run.left + run.length, run.right + run.length, total + run.length];
    }
    expect(total).toBe(longestCommon(left, right));
  }
});

it('anchors long sequences on what is unique', () => {
  const left = Array.from({ length: 5_000 }, (_, i) => i);
  const right = left.filter((i) => i % 7 !== 0);

  expect(diffRuns(left, right).reduce((sum, run) => sum + run.length, 0)).toBe(right.length);
});

it('covers all three sequences with chunks that follow each other', () => {
  for (let seed = 0; seed < 200; seed++) {
    const random = seededRandom(seed);
    const base = Array.from({ length: 20 }, () => random.integer(8));
    const edit = (): number[] =>
      base.flatMap((one) => (random.integer(5) === 0 ? [] : random.integer(6) === 0 ? [one, 99] : [one]));
    const [ours, theirs] = [edit(), edit()];

    const chunks = diff3(base, ours, theirs);

    for (const [side, all] of [
      ['base', base],
      ['ours', ours],
      ['theirs', theirs],
    ] as const) {
      expect(chunks.flatMap((chunk) => all.slice(...chunk[side]))).toEqual(all);
    }
  }
});

function longestCommon(a: readonly number[], b: readonly number[]): number {
  let row = Array.from({ length: b.length + 1 }, () => 0);
  for (const one of a) {
    const next = [0];
    b.forEach((other, j) => next.push(one === other ? row[j]! + 1 : Math.max(row[j + 1]!, next[j]!)));
    row = next;
  }
  return row.at(-1)!;
}
