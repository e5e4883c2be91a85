import { describe, expect, it } from 'vitest';
import { ManualClock, systemClock } from './clock.ts';
import { Ids } from './ids.ts';
import { seededRandom } from './random.ts';

const random = seededRandom(1);

describe('ids', () => {
  it('sort in the order of their making, however many are made in a millisecond', () => {
    const clock = new ManualClock(1_800_000_000_000);
    const ids = new Ids({ clock, random });
    const made: string[] = [];
    for (let ms = 0; ms < 20; ms++) {
      for (let i = 0; i < 100; i++) made.push(ids.next('x'));
      clock.advance(1);
    }

    expect(made.toSorted()).toEqual(made);
    expect(new Set(made).size).toBe(made.length);
    for (const id of made) expect(id).toMatch(/^x_[0-9a-hjkmnp-tv-z]{20}$/);
  });

  it('sort so when the clock goes back', () => {
    const times = [5, 6, 4, 4, 6, 7].map((time) => new ManualClock(time).now());
    const ids = new Ids({ clock: { ...systemClock, now: () => times.shift() ?? systemClock.now() }, random });

    const made = Array.from({ length: 6 }, () => ids.next('x'));

    expect(made.toSorted()).toEqual(made);
    expect(made.map((id) => id.charAt(11))).toEqual(['5', '6', '6', '6', '6', '7']);
  });

  it('go to the next millisecond when the letters of one are used up', () => {
    const last = { ...random, bytes: (length: number) => new Uint8Array(length).fill(255) };
    const ids = new Ids({ clock: new ManualClock(5), random: last });

    const made = [ids.next('x'), ids.next('x')];

    expect(made.map((id) => id.charAt(11))).toEqual(['5', '6']);
  });
});
