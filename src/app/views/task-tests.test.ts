import { expect, it } from 'vitest';
import type { GitOid } from '#domain/ids.ts';
import type { TestReport } from '#domain/test-report.ts';
import type { StepRecord } from '#journal/ports.ts';
import { millis } from '#kernel/clock.ts';
import { reportsIn } from './task-tests.ts';

/** As far as this view reads a report. */
type Part = Pick<TestReport, 'tree' | 'outcome' | 'command'> & { readonly beside?: readonly Part[] };

const part = (tree: string, outcome: TestReport['outcome'], command: string, beside?: readonly Part[]): Part => ({
  ...{ tree: tree as GitOid, outcome, command: [command] },
  ...(beside === undefined ? {} : { beside }),
});

const step = (name: string, result: StepRecord['result']): StepRecord => ({
  ...{ seq: 1, name, state: result === null ? 'started' : 'finished', result },
  startedAt: millis(1),
  finishedAt: result === null ? null : millis(2),
});

const found = (...steps: readonly StepRecord[]): readonly string[] =>
  reportsIn(steps).map(({ step, tested, report }) => `${step} ${tested} ${report.tree} ${report.command[0]}`);

it('finds the tests on the base, on each rung’s change and in each round of landing, and nothing else', () => {
  const steps = [
    step('environment', { done: { environment: {} } }),
    step('baseline', { done: part('b1', 'passed', 'test') }),
    step('act:test', { done: { result: 'ok' } }),
    step('verify', { done: part('c1', 'failed', 'test') }),
    step('verify:2', { done: part('c2', 'passed', 'test') }),
    step('land.test.1', { done: part('l1', 'passed', 'test') }),
    step('land.test.2', { fault: { code: 'RUN_TOO_LONG', msg: '', field: '', fix: '' } }),
    step('land.test.3', null),
  ];

  expect(found(...steps)).toEqual([
    'baseline base b1 test',
    'verify change c1 test',
    'verify:2 change c2 test',
    'land.test.1 landing l1 test',
  ]);
});

it('tells checks of types in the order in which they were made, before and after the merge', () => {
  const [tests, before] = [part('l1', 'passed', 'test'), part('b2', 'passed', 'tsc')];
  const held = { ...tests, beside: [before, part('l1', 'passed', 'tsc')] };
  const broken = part('l1', 'failed', 'tsc', [tests, before]);
  const order = ['land.test.1 landing l1 test', 'land.test.1 base b2 tsc', 'land.test.1 landing l1 tsc'];

  expect(found(step('land.test.1', { done: held }))).toEqual(order);
  expect(found(step('land.test.1', { done: broken }))).toEqual(order);
  expect(found(step('land.test.1', { done: part('l1', 'failed', 'test') }))).toEqual(['land.test.1 landing l1 test']);
});
