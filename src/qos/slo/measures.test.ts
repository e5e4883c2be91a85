import { expect, test } from 'vitest';
import { type Measure, nextMeasures, type PolicyView, standing } from './measures.ts';

const MINUTE = 60_000;
const CALM = { 'burn-1h': 0, 'burn-6h': 0, 'burn-24h': 0 };

const view = (now: number, more: Partial<PolicyView> = {}): PolicyView => ({
  now: now * MINUTE,
  burning: [],
  burn: CALM,
  overShare: ['flood'],
  inShare: ['quiet'],
  budgetLeft: new Map(),
  ...more,
});

function apply(inForce: readonly Measure[], at: PolicyView): readonly Measure[] {
  const changes = nextMeasures(inForce, at);
  const touched = new Set(changes.flatMap(({ before, after }) => [before, after].map((one) => one && key(one))));
  return [...inForce.filter((one) => !touched.has(key(one))), ...changes.flatMap(({ after }) => after ?? [])];
}

const key = ({ kind, tenant }: Measure): string => `${kind} ${tenant}`;
const said = (measures: readonly Measure[]): readonly string[] =>
  measures.map((one) => `${key(one)} ${one.value}`).sort();

test('nothing burns, nothing changes', () => {
  expect(nextMeasures([], view(0))).toEqual([]);
});

test('a slow burn halves weight and slots of who is over its share every five minutes, never below a sixteenth', () => {
  const burning = [{ tenant: 'quiet', rule: 'burn-24h' }] as const;
  const burn = { ...CALM, 'burn-24h': 3 };
  let measures: readonly Measure[] = [];

  for (const [minute, value] of [
    [0, 0.5],
    [4, 0.5],
    [5, 0.25],
    [10, 0.125],
    [15, 0.0625],
    [20, 0.0625],
  ] as const) {
    measures = apply(measures, view(minute, { burning, burn }));
    expect(said(measures)).toEqual([`throttle flood ${value}`]);
  }
});

test('when it is calm a throttle is eased by a tenth every five minutes', () => {
  const start: Measure = { kind: 'throttle', tenant: 'flood', value: 0.75, since: 0, changedAt: 0, calmSince: null };
  let measures: readonly Measure[] = [start];

  measures = apply(measures, view(5));
  expect(measures[0]?.value).toBeCloseTo(0.85);
  measures = apply(measures, view(10));
  expect(measures[0]?.value).toBeCloseTo(0.95);
  expect(apply(measures, view(15))).toEqual([]);
});

test('a page brings every measure; the throttle is eased first, the others are lifted half an hour after it is calm', () => {
  const burning = [{ tenant: 'quiet', rule: 'burn-1h' }] as const;
  let measures = apply([], view(0, { burning, burn: { 'burn-1h': 90, 'burn-6h': 40, 'burn-24h': 10 } }));
  expect(said(measures)).toEqual(['early * 1', 'freeze * 1', 'pause flood 1', 'throttle flood 0.5']);

  for (let minute = 10; minute < 40; minute += 5) measures = apply(measures, view(minute));
  expect(said(measures)).toContain('pause flood 1');
  expect(said(measures).join()).not.toContain('throttle');
  measures = apply(measures, view(40));
  expect(said(measures)).toEqual([]);
});

test('calm that is broken begins anew', () => {
  const pause: Measure = { kind: 'pause', tenant: 'flood', value: 1, since: 0, changedAt: 0, calmSince: null };
  let measures = apply([pause], view(0));
  measures = apply(measures, view(29, { burn: { ...CALM, 'burn-6h': 2 } }));
  measures = apply(measures, view(31));

  expect(said(measures)).toEqual(['pause flood 1']);
  expect(said(apply(measures, view(61)))).toEqual([]);
});

test('no throttle is eased while an error budget is spent', () => {
  const start: Measure = { kind: 'throttle', tenant: 'flood', value: 0.5, since: 0, changedAt: 0, calmSince: null };
  const spent = { budgetLeft: new Map([['quiet', 0]]) };

  expect(said(apply([start], view(60, spent)))).toContain('throttle flood 0.5');
  expect(said(apply([start], view(60)))).toContain('throttle flood 0.6');
});

test('a tenant whose error budget is spent is frozen until a quarter of it has come back', () => {
  const left = (part: number) => ({ budgetLeft: new Map([['quiet', part]]) });
  let measures = apply([], view(0, left(0.01)));
  expect(measures).toEqual([]);

  measures = apply(measures, view(1, left(0)));
  expect(said(measures)).toEqual(['freeze quiet 1']);
  measures = apply(measures, view(500, left(0.25)));
  expect(said(measures)).toEqual(['freeze quiet 1']);
  expect(apply(measures, view(501, left(0.26)))).toEqual([]);
});

test('who asks for no more than its share is let go at once', () => {
  const burning = [{ tenant: 'quiet', rule: 'burn-6h' }] as const;
  const measures = apply([], view(0, { burning, burn: { ...CALM, 'burn-6h': 9, 'burn-24h': 9 } }));

  const later = apply(measures, view(3, { burning, burn: { ...CALM, 'burn-6h': 9 }, overShare: [] }));
  expect(said(later)).toContain('pause flood 1');

  const inShare = apply(
    later,
    view(4, { burning, burn: { ...CALM, 'burn-6h': 9 }, overShare: [], inShare: ['flood'] }),
  );
  expect(said(inShare)).toEqual(['early * 1']);
});

test('far over its share is who asks for more than twice its part, in share who asks for no more than it', () => {
  const demands = [
    { tenant: 'flood', weight: 1, jobs: 11 },
    { tenant: 'busy', weight: 1, jobs: 10 },
    { tenant: 'heavy', weight: 2, jobs: 10 },
    { tenant: 'idle', weight: 5, jobs: 0 },
  ];

  expect(standing(demands, 20)).toEqual({ overShare: ['flood'], inShare: ['heavy', 'idle'] });
});
