import { describe, expect, it } from 'vitest';
import { ManualClock } from '#kernel/clock.ts';
import { Remembered } from './remembered.ts';

describe('what is remembered', () => {
  it.each([
    ['until its time is over', [999, 1], ['yes', undefined]],
    ['not by a clock that went back, nor when that comes round again after a sweep', [-1, 1], [undefined, undefined]],
  ])('stands %s', (_what, moves, expected) => {
    const clock = new ManualClock(5000);
    const known = new Remembered<string>({ clock, keepMs: 1000 });
    known.set('a', 'yes', clock.now());

    const found = moves.map((ms) => {
      clock.advance(ms);
      const there = known.get('a');
      known.sweep();
      return there;
    });

    expect(found).toEqual(expected);
  });
});
