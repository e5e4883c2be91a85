import { expect, test } from 'vitest';
import { millis } from '#kernel/clock.ts';
import { type NanoUsd, nanoUsd } from '#kernel/money.ts';
import { type LadderInput, ladder, paceOf } from './ladder.ts';
import type { ScopeBalance } from './ports.ts';

const MONDAY = Date.UTC(2026, 5, 1);
const DAY = 86_400_000;
const CAP = 1000;

const balance = (used: number, more: Partial<ScopeBalance> = {}): ScopeBalance => ({
  scope: 'tenant:shop',
  capNano: nanoUsd(CAP),
  keptForHiNano: nanoUsd(100),
  period: 'week',
  spentNano: nanoUsd(used),
  heldNano: nanoUsd(0),
  breachedNano: nanoUsd(0),
  periodEndsAt: millis(MONDAY + 7 * DAY),
  ...more,
});

const plan = (id: string, bound: number) => ({ id, boundNano: nanoUsd(bound) });
const PLANS = [plan('deep', 100), plan('standard', 40), plan('small', 10)] as const;

/** At half of the week, unless told otherwise. */
const ask = (used: number, more: Partial<LadderInput> = {}) =>
  ladder({
    scopes: [balance(used)],
    plans: [...PLANS],
    priority: 'lo',
    now: millis(MONDAY + 3.5 * DAY),
    before: 'requested',
    burst: 0.25,
    lowNano: 0 as NanoUsd,
    ...more,
  });

test('pace is part used over part of the period gone, and the start of a period has a burst', () => {
  expect(paceOf(balance(500), millis(MONDAY + 3.5 * DAY), 0.25)).toBe(1);
  expect(paceOf(balance(250), millis(MONDAY), 0.25)).toBe(1);
  expect(paceOf(balance(250, { periodEndsAt: null, period: null }), millis(MONDAY), 0.25)).toBeNull();
  expect(paceOf(balance(0, { capNano: null }), millis(MONDAY), 0.25)).toBeNull();
});

test.each([
  [500, 'lo', 'requested', 'deep', null],
  [501, 'lo', 'cheaper', 'standard', 'pace'],
  [626, 'lo', 'cheapest', 'small', 'pace'],
  [751, 'lo', 'defer', null, 'pace'],
  [751, 'hi', 'cheapest', 'small', 'pace'],
  [990, 'hi', 'cheapest', 'small', 'pace'],
  [991, 'hi', 'refuse', null, 'room'],
] as const)('with %i of 1000 used at half time, %s is answered by %s', (used, priority, rung, id, rule) => {
  const answer = ask(used, { priority });

  expect([answer.rung, answer.plan?.id ?? null, answer.rule]).toEqual([rung, id, rule]);
});

test('little room shifts down as well, however slow the pace', () => {
  const late = { now: millis(MONDAY + 6.99 * DAY) };

  expect(ask(801, late)).toMatchObject({ rung: 'cheaper', rule: 'room', roomNano: 99 });
  expect(ask(870, late)).toMatchObject({ rung: 'cheapest', plan: { id: 'small' }, roomNano: 30 });
  expect(ask(895, late)).toMatchObject({ rung: 'defer', rule: 'room', roomNano: 5 });
});

test('a plan that does not fit in the room of the tightest scope gives way to the first that does', () => {
  const scopes = [balance(0, { scope: 'org' }), balance(0, { scope: 'team:web', capNano: nanoUsd(150) })];

  expect(ask(0, { scopes })).toMatchObject({ rung: 'cheaper', plan: { id: 'standard' }, scope: { scope: 'team:web' } });
});

test('climbing back takes five percent more than falling did', () => {
  expect(ask(490, { before: 'cheaper' }).rung).toBe('cheaper');
  expect(ask(474, { before: 'cheaper' }).rung).toBe('requested');
  expect(ask(490, { before: 'requested' }).rung).toBe('requested');
  expect(ask(740, { before: 'defer' }).rung).toBe('defer');
  expect(ask(712, { before: 'defer' }).rung).toBe('cheapest');
});

test('when nearly all is spent lo waits, but a small cap is not blocked by it', () => {
  const low = { lowNano: nanoUsd(100), now: millis(MONDAY + 6.99 * DAY) };

  expect(ask(899, low).rule).toBe('room');
  expect(ask(901, low)).toMatchObject({ rung: 'defer', rule: 'low' });
  expect(ask(901, { ...low, priority: 'hi' }).plan?.id).toBe('small');
  expect(ask(0, { ...low, lowNano: nanoUsd(1_000_000) }).rung).toBe('requested');
});

test('no cap is no limit', () => {
  const scopes = [balance(1_000_000, { capNano: null })];

  expect(ask(0, { scopes })).toMatchObject({ rung: 'requested', plan: { id: 'deep' }, rule: null });
});
