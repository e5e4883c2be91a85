import { expect, test } from 'vitest';
import { plotSvg } from '#qos/index.ts';
import { plotOf, tenantsIn, type WhatIf, whatIf } from '#app/qos/what-if.ts';

const HOUR = 3_600_000;

const ask = (more: Partial<WhatIf>): WhatIf => ({
  tenants: [],
  load: 1,
  slots: 8,
  hours: 6,
  seed: 1,
  stepMs: 20_000,
  targetMs: 20_000,
  slo: 0.99,
  periodMs: 168 * HOUR,
  quantumMs: 10_000,
  preempt: true,
  policy: false,
  ...more,
});

test('a tenant that floods takes what the others leave, and most of their tasks still start in time', () => {
  const web = tenantsIn('web*3:per-hour=12,mean=5m');
  const before = whatIf(ask({ tenants: web }));
  const after = whatIf(ask({ tenants: [...web, ...tenantsIn('batch:backlog=50,mean=10m')] }));

  expect(after.tenants.map(({ tenant }) => tenant)).toEqual(['web-1', 'web-2', 'web-3', 'batch']);
  expect(after.busy).toBeGreaterThan(0.95);
  for (const [i, { shareGot }] of before.tenants.entries()) {
    expect(after.tenants[i]?.shareGot).toBeCloseTo(shareGot, 1);
    expect(after.tenants[i]?.p50Ms).toBeLessThan(20_000);
  }
});

test('twice the load is twice the arrivals, and the same question has the same answer', () => {
  const tenants = tenantsIn('web:weight=2,per-hour=20,mean=5m,cv=0');
  const [once, again, twice] = [ask({ tenants }), ask({ tenants }), ask({ tenants, load: 2 })].map(whatIf);

  expect(once).toEqual(again);
  expect(twice?.tenants[0]?.offered).toBeCloseTo(2 * (once?.tenants[0]?.offered ?? 0));
});

test('the picture names every tenant and is one well-formed drawing', () => {
  const svg = plotSvg(plotOf(whatIf(ask({ tenants: tenantsIn('a*2:per-hour=5,mean=1m') }))));

  expect(svg).toMatch(/^<svg [^]*<\/svg>\n$/);
  for (const name of ['a-1', 'a-2']) expect(svg).toContain(`>${name}</text>`);
  expect(svg).not.toContain('NaN');
});

test.each([
  'Web:per-hour=1',
  'web',
  'web:per-hour=0',
  'web:per-hour=1,backlog=2',
  'web:per-hour=1,weight=0',
  'web:per-hour=1,weight=-2',
  'web:per-hour=1,weight=NaN',
  'web:per-hour=1,mean=soon',
  'web:per-hour=1,colour=red',
])('the tenant "%s" is refused by name', (spec) => {
  expect(() => tenantsIn(spec)).toThrow(expect.objectContaining({ code: 'SIMULATION_INVALID' }));
});

test('a question that makes no sense, or would take too long, is refused', () => {
  const tenants = tenantsIn('web:per-hour=10000,mean=1s');
  for (const more of [{ tenants: [] }, { load: 0 }, { hours: Number.NaN }, { slots: 1.5 }, { hours: 1000 }]) {
    expect(() => whatIf(ask({ tenants, ...more }))).toThrow(expect.objectContaining({ code: 'SIMULATION_INVALID' }));
  }
});
