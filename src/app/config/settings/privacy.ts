import { usd } from '#kernel/money.ts';
import { choice, dollars, integer, number, set } from '../setting.ts';

/** Differential privacy of what tenants learn from each other. */
export const PRIVACY_SETTINGS = {
  'privacy.epsilon': set({
    kind: number({ min: 0.01, max: 2 }),
    default: 2,
    text: 'Privacy loss of one unit in one window, at most.',
    example: '1',
  }),
  'privacy.windowDays': set({
    kind: integer({ min: 1, max: 90, unit: 'days' }),
    default: 7,
    text: 'Length of a window: what is released once is never released again.',
    example: '14',
  }),
  'privacy.unit': set({
    kind: choice('task', 'developer'),
    default: 'task',
    text: 'What is protected: one task, or everything of one developer.',
    example: 'developer',
  }),
  'privacy.tasksPerDeveloper': set({
    kind: integer({ min: 1, max: 100 }),
    default: 5,
    text: 'Tasks of one developer that count in a window when the unit is developer; further ones are left out.',
    example: '10',
  }),
  'privacy.qualityClip': set({
    kind: number({ min: 0.1, max: 0.5 }),
    default: 0.5,
    text: 'Bound to which the mean quality (0.5 is neutral) of a release is clipped, either way.',
    example: '0.4',
  }),
  'privacy.costMaximumUsd': set({
    kind: dollars,
    default: usd(3),
    text: 'Cost of one task is clipped to this; public and fixed for a window.',
    example: '5',
  }),
};
