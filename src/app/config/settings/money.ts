import { usd } from '#kernel/money.ts';
import { BUDGET_PERIODS } from '#domain/tenant.ts';
import { choice, dollars, list, may, number, set } from '../setting.ts';

/** Money. */
export const MONEY_SETTINGS = {
  'cost.slotUsdPerHour': set({
    kind: dollars,
    default: usd(0.05),
    text: 'Price of holding one worker slot for an hour.',
    example: '0.12',
  }),
  'budget.taskUsd': set({
    kind: dollars,
    default: usd(1),
    text: 'Upper bound that is reserved for one run of a task, unless the task says less.',
    example: '0.5',
  }),
  'budget.preemptBelowUsd': set({
    kind: dollars,
    default: usd(0.1),
    text: 'With less than this (or a tenth of the cap, if that is less) not yet spent, running work of low priority gives way at its next step, and none is started.',
    example: '0.25',
  }),
  'budget.hiReserve': set({
    kind: number({ min: 0, max: 0.9 }),
    default: 0.1,
    text: 'Part of every budget that only tasks of high priority may use.',
    example: '0.2',
  }),
  'budget.burst': set({
    kind: number({ min: 0.01, max: 1 }),
    default: 0.5,
    text: 'Part of every budget that may be used at any time of its period before its pace counts.',
    example: '0.25',
  }),
  'budget.plans': set({
    kind: list,
    default: ['full=1', 'half=0.5', 'quarter=0.25'],
    text: 'Plans of agent work from what is requested to the cheapest, each with the part of the bound that it may cost.',
    example: 'deep=1, small=0.2',
  }),
  'budget.orgUsd': may({
    kind: dollars,
    text: 'Most that the whole company may spend in one period; no cap when not set. `maestro budget set` and `top-up` change it later.',
    example: '2000',
  }),
  'budget.orgPeriod': set({
    kind: choice(...BUDGET_PERIODS),
    default: 'month',
    text: 'How long the budget of the company lasts before it starts anew.',
    example: 'week',
  }),
};
