import { millis } from '#kernel/clock.ts';
import { usd } from '#kernel/money.ts';
import { BUDGET_PERIODS, DATA_CLASSES } from '#domain/tenant.ts';
import { address, choice, dollars, duration, list, may, number, set } from '../setting.ts';

const DAY = 86_400_000;

/** What a tenant gets unless it is set for that tenant. */
export const TENANT_SETTINGS = {
  'tenant.weight': set({
    kind: number({ min: 0.01, max: 1000 }),
    default: 1,
    text: 'Share of the fleet relative to other tenants that have work waiting.',
    example: '2',
  }),
  'tenant.budgetUsd': set({
    kind: dollars,
    default: usd(10),
    text: 'Most that a tenant may spend in one period.',
    example: '250',
  }),
  'tenant.period': set({
    kind: choice(...BUDGET_PERIODS),
    default: 'week',
    text: 'How long a budget lasts before it starts anew.',
    example: 'month',
  }),
  'tenant.slo': set({
    kind: number({ min: 0.5, max: 0.9999 }),
    default: 0.99,
    text: 'Part of tasks that must start in time over the window.',
    example: '0.995',
  }),
  'tenant.startWithin': set({
    kind: duration,
    default: millis(20_000),
    text: 'A task starts in time when it starts within this long of being admitted.',
    example: '1m',
  }),
  'tenant.sloWindow': set({
    kind: duration,
    default: millis(7 * DAY),
    text: 'Window over which starts in time are counted.',
    example: '28d',
  }),
  'slo.quantum': set({
    kind: duration,
    default: millis(10_000),
    text: 'Shortest time that a task works before it may give way; ten times what a checkpoint costs is a good one.',
    example: '30s',
  }),
  'slo.preemptAfter': set({
    kind: number({ min: 0.05, max: 1 }),
    default: 0.25,
    text: 'Part of `tenant.startWithin` that a task waits before another tenant over its share has to give a slot back.',
    example: '0.5',
  }),
  'alert.webhookUrl': may({
    kind: address('http', 'https'),
    text: 'Where alerts are sent as JSON, one a message.',
    example: 'https://hooks.example.org/maestro',
    secret: true,
  }),
  'alert.alertmanagerUrl': may({
    kind: address('http', 'https'),
    text: 'Prometheus Alertmanager to which alerts are sent; its API version 2 is used.',
    example: 'http://alertmanager.example.org:9093',
    secret: true,
  }),
  'tenant.regions': set({
    kind: list,
    default: ['local'],
    text: 'Regions in which the work of a tenant may be done.',
    example: 'eu-west, eu-north',
  }),
  'tenant.dataClass': set({
    kind: choice(...DATA_CLASSES),
    default: 'internal',
    text: 'Most sensitive data that a tenant has.',
    example: 'confidential',
  }),
  'plugins.shipped': set({
    kind: list,
    default: ['code-search', 'ast-codemod', 'json-schema-check'],
    text: 'Plugins that every tenant may use without installing them.',
    example: 'code-search',
  }),
};
