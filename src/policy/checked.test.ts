import { expect, test } from 'vitest';
import type { Event, EventType } from '#domain/event.ts';
import type { PrincipalId, TaskId, TenantId } from '#domain/ids.ts';
import { millis } from '#kernel/clock.ts';
import { CheckedCount } from './checked.ts';

function event(seq: number, type: EventType, data: Event['data'] = {}, task?: string): Event {
  const about = { tenant: 'atlas' as TenantId, by: 'human:ada' as PrincipalId, version: 1, at: millis(seq) } as const;
  return { seq, type, data, ...about, ...(task === undefined ? {} : { task: task as TaskId }) };
}
const decided = (seq: number, action: string, allow = true, task?: string) =>
  event(seq, 'policy.decided', { action, allow }, task);

function counted(...events: Event[]) {
  const count = new CheckedCount();
  for (const each of events) count.note(each);
  return count.result();
}

test('an effect counts as checked when an allowing decision about its action came before', () => {
  expect(counted(decided(1, 'change.land', true, 't1'), event(2, 'change.landed', {}, 't1'))).toEqual({
    effects: 1,
    checked: 1,
    ratio: 1,
    unchecked: [],
  });
});

test.each([
  ['without any', []],
  ['after a refusal', [decided(1, 'change.land', false, 't1')]],
  ['after one about another task', [decided(1, 'change.land', true, 't2')]],
  ['after one about another action', [decided(1, 'change.push', true, 't1')]],
])('an effect %s decision is named', (_, before) => {
  expect(counted(...before, event(5, 'change.landed', {}, 't1')).unchecked).toEqual([
    { seq: 5, type: 'change.landed' },
  ]);
});

test('a decision about a tenant counts for one effect only', () => {
  const twice = [event(2, 'budget.topped_up'), event(3, 'budget.topped_up')];

  expect(counted(decided(1, 'budget.topup'), ...twice)).toMatchObject({ effects: 2, checked: 1, ratio: 0.5 });
});

test('what is no effect of an action is not counted', () => {
  expect(counted(event(1, 'task.started'), event(2, 'lease.expired'))).toMatchObject({ effects: 0, ratio: null });
});
