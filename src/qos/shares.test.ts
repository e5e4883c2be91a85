import { describe, expect, it } from 'vitest';
import { sharesOf } from './shares.ts';

const weights = [
  { tenant: 'a', weight: 3 },
  { tenant: 'b', weight: 1 },
];

describe('shares got against shares due', () => {
  it('counts only the time in which every tenant had work waiting', () => {
    const jobs = [
      { tenant: 'a', readyAt: 0, startedAt: 0, endedAt: 30 },
      { tenant: 'a', readyAt: 0, startedAt: 40, endedAt: 100 },
      { tenant: 'b', readyAt: 0, startedAt: 30, endedAt: 40 },
      { tenant: 'b', readyAt: 0, startedAt: 100, endedAt: 500 },
    ];

    expect(sharesOf(weights, jobs)).toEqual([
      { tenant: 'a', got: 30 / 40, due: 0.75 },
      { tenant: 'b', got: 10 / 40, due: 0.25 },
    ]);
  });

  it('says unknown when the tenants never waited at the same time', () => {
    const jobs = [{ tenant: 'a', readyAt: 0, startedAt: 0, endedAt: 30 }];

    expect(sharesOf(weights, jobs).map(({ got }) => got)).toEqual([null, null]);
  });
});
