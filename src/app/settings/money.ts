import { usd } from '#kernel/money.ts';
import { dollars, number, set } from '../setting.ts';

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
    text: 'Below this much left, tasks of low priority give way to those of high priority.',
    example: '0.25',
  }),
  'budget.hiReserve': set({
    kind: number({ min: 0, max: 0.9 }),
    default: 0.1,
    text: 'Part of every budget that only tasks of high priority may use.',
    example: '0.2',
  }),
};
