import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from './duration.ts';

describe('durations', () => {
  it.each([
    ['20s', 20_000],
    ['1.5m', 90_000],
    ['250ms', 250],
    ['7d', 604_800_000],
  ])('reads %s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '20', 's', '-1s', '1 s', '1w'])('refuses "%s"', (text) => {
    expect(() => parseDuration(text)).toThrow(SyntaxError);
  });

  it('shows lengths of time in the unit that people would use', () => {
    expect([250, 3200, 240_000, 9_000_000, 259_200_000].map((ms) => formatDuration(ms))).toEqual([
      '250 ms',
      '3.2 s',
      '4 min',
      '2.5 h',
      '3 d',
    ]);
  });
});
