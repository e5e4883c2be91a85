import { expect, it } from 'vitest';
import { MaestroError } from './error.ts';

const cureOf = (details?: { readonly [key: string]: string }): string =>
  new MaestroError({
    code: 'X',
    message: 'x',
    cure: 'see `maestro task show TASK`',
    ...(details && { details }),
  }).cure;

it('a cure names the task that its error is about, where it is known', () => {
  expect(cureOf({ task: 'task_1' })).toBe('see `maestro task show task_1`');
  expect(cureOf({ change: 'chg_1' })).toBe('see `maestro task show TASK`');
  expect(cureOf()).toBe('see `maestro task show TASK`');
});
