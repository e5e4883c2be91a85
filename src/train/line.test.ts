import { describe, expect, it } from 'vitest';
import type { ChangeId, GitOid } from '#domain/ids.ts';
import { seededRandom } from '#kernel/random.ts';
import { basisOf, standsOn, turnAtHead, turnBehind } from './line.ts';
import type { Place } from './ports.ts';

const id = (name: string): ChangeId => name as ChangeId;
const oid = (name: string): GitOid => name as GitOid;
const stands = (change: string, base: string | null = null, tip: string | null = null): Place => ({
  change: id(change),
  base: base === null ? null : oid(base),
  tip: tip === null ? null : oid(tip),
});

describe('on what a candidate is made', () => {
  it('is the branch for the first, and the candidate of the one ahead for everyone else', () => {
    const line = [stands('a', 'main', 'A'), stands('b')];

    expect(basisOf(line, id('a'), 8)).toEqual({ kind: 'begin', on: null });
    expect(basisOf(line, id('b'), 8)).toEqual({ kind: 'begin', on: { commit: 'A', change: 'a' } });
  });

  it('is not known while the one ahead prepares, or while as many as the depth are ahead', () => {
    const line = [stands('a', 'main', 'A'), stands('b', 'A', 'B'), stands('c')];

    expect(basisOf([stands('a'), stands('b')], id('b'), 8)).toEqual({ kind: 'wait' });
    expect(basisOf(line, id('c'), 2)).toEqual({ kind: 'wait' });
    expect(basisOf(line, id('b'), 1)).toEqual({ kind: 'wait' });
  });

  it('passes by what cannot be merged, and the branch is it when nobody else is ahead', () => {
    const line = [stands('a', 'main', 'A'), stands('red', 'A', 'A'), stands('c')];

    expect(basisOf(line, id('c'), 8)).toEqual({ kind: 'begin', on: { commit: 'A', change: 'a' } });
    expect(basisOf(line.slice(1), id('c'), 8)).toEqual({ kind: 'begin', on: null });
  });

  it('is not known while one of those ahead is on something that will not land', () => {
    const line = [stands('a', 'main', 'A2'), stands('b', 'A', 'B'), stands('c')];

    expect(basisOf(line, id('c'), 8)).toEqual({ kind: 'wait' });
    expect(standsOn(stands('a', 'main', 'A'), oid('main'))).toBe(true);
    expect(standsOn(stands('a', 'main', 'A'), oid('A'))).toBe(true);
    expect(standsOn(stands('a', 'main', 'A'), oid('pushed by others'))).toBe(false);
  });
});

describe('the turn of a landing', () => {
  it('has not come while the one that it was made on is ahead', () => {
    expect(turnBehind([stands('a', 'main', 'A'), stands('b', 'A', 'B')], id('b'), oid('A'))).toBe('wait');
  });

  it('is lost when the one ahead has another candidate, prepares anew, cannot land, or stands on such a one', () => {
    const b = stands('b', 'A', 'B');

    expect(turnBehind([stands('a', 'main', 'A2'), b], id('b'), oid('A'))).toBe('anew');
    expect(turnBehind([stands('a'), b], id('b'), oid('A'))).toBe('anew');
    expect(turnBehind([stands('a', 'main', 'main'), b], id('b'), oid('A'))).toBe('anew');
    expect(turnBehind([stands('a', 'main', 'A2'), b, stands('c', 'B', 'C')], id('c'), oid('B'))).toBe('anew');
  });

  it('has come once the branch stands at its base, and not when it stands elsewhere', () => {
    expect(turnBehind([stands('b', 'A', 'B')], id('b'), oid('A'))).toBeUndefined();
    expect(turnAtHead(oid('A'), oid('A'))).toBe('go');
    expect(turnAtHead(oid('A'), oid('main'))).toBe('anew');
  });
});

// One landing at a time makes a move in the simulated line, in random order.
describe('a line of landings, over 1 000 random courses', () => {
  it('lands what can land, in order, and a red one costs each of those behind it one more test run', () => {
    const random = seededRandom(7);
    for (let course = 0; course < 1000; course++) {
      const count = 2 + random.integer(7);
      const depth = 1 + random.integer(8);
      const red = course % 2 === 0 ? [] : [random.integer(count)];
      const names = Array.from({ length: count }, (_, i) => `c${i}`);
      const reds = red.map((i) => `c${i}`);
      const end = simulate(names, depth, new Set(reds), (n) => random.integer(n));

      expect(end.landed).toEqual(names.filter((name) => !reds.includes(name)));
      expect(end.blamed).toEqual(reds);
      expect(end.tests).toBeLessThanOrEqual(count + red.reduce((sum, i) => sum + count - 1 - i, 0));
    }
  });
});

/** What a candidate holds is written in its name: the changes of which it is made, in order. */
function simulate(names: readonly string[], depth: number, red: ReadonlySet<string>, pick: (n: number) => number) {
  let [head, tests] = ['main', 0];
  const landed: string[] = [];
  const blamed: string[] = [];
  const line = names.map((name) => ({ ...stands(name), tested: false, fails: false }));
  for (let step = 0; line.length > 0; step++) {
    if (step > 10_000) throw new Error(`the line stands still: ${JSON.stringify(line)}`);
    const me = line[pick(line.length)];
    if (me === undefined) continue;
    const set = (now: Partial<typeof me>): void => void Object.assign(me, now);
    if (me.base === null) {
      const answer = basisOf(line, me.change, depth);
      if (answer.kind === 'wait' || (line[0] !== me && line[0] && !standsOn(line[0], oid(head)))) continue;
      const base = answer.on?.commit ?? head;
      set({ base: oid(base), tip: oid(`${base} ${me.change}`), tested: false });
    } else if (!me.tested) {
      tests++;
      const fails = (me.tip ?? '').split(' ').some((name) => red.has(name));
      set({ tested: true, fails });
    } else {
      const turn = turnBehind(line, me.change, me.base) ?? turnAtHead(me.base, oid(head));
      if (turn === 'anew') set({ base: null, tip: null });
      if (turn !== 'go') continue;
      line.splice(line.indexOf(me), 1);
      if (me.fails) blamed.push(me.change);
      else [head] = [me.tip ?? '', landed.push(me.change)];
    }
  }
  return { landed, blamed, tests };
}
